import type { ReactNode } from 'react';
import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { StaleAfterContext } from '~/lib/staleness';

const OfflineAfter = graphql(`
  query OfflineAfter {
    settings {
      offlineAfterSeconds
    }
  }
`);

const defaultSeconds = 300;

/** Tells every screen after how long a value is no longer current. */
export function StalenessProvider({ children }: { children: ReactNode }) {
  const [{ data }] = useQuery({ query: OfflineAfter, requestPolicy: 'cache-first' });
  return (
    <StaleAfterContext value={data?.settings.offlineAfterSeconds ?? defaultSeconds}>
      {children}
    </StaleAfterContext>
  );
}
