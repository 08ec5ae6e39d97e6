import { MantineProvider } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import { Provider as GraphQLProvider } from 'urql';
import { createGraphQLClient } from '~/gql/client';
import { useSession } from '~/lib/session';
import { theme, variablesResolver } from '~/theme/theme';
import { LiveProvider } from './LiveProvider';
import { RootBoundary } from './RootBoundary';

/** A client per session: nothing that one person loaded is shown to the next. */
function SessionClient({ children }: { children: ReactNode }) {
  const token = useSession()?.accessToken;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new token means an empty cache
  const client = useMemo(() => createGraphQLClient(), [token]);
  return <GraphQLProvider value={client}>{children}</GraphQLProvider>;
}

export function Providers({ children }: { children: ReactNode }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variablesResolver} defaultColorScheme="auto">
      <RootBoundary>
        <SessionClient>
          <LiveProvider>{children}</LiveProvider>
        </SessionClient>
      </RootBoundary>
    </MantineProvider>
  );
}
