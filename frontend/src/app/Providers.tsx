import { MantineProvider } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Provider as GraphQLProvider } from 'urql';
import { createGraphQLClient } from '~/gql/client';
import { useSession } from '~/lib/session';
import { theme, variablesResolver } from '~/theme/theme';
import { LiveProvider } from './LiveProvider';
import { RootBoundary } from './RootBoundary';

/**
 * A client per sign-in: nothing that one person loaded is shown to the next. A sign-out keeps the client, so that
 * the page that is being left does not ask again without a token.
 */
function SessionClient({ children }: { children: ReactNode }) {
  const token = useSession()?.accessToken;
  const [held, setHeld] = useState(() => ({ token, client: createGraphQLClient() }));
  if (token && token !== held.token) {
    setHeld({ token, client: createGraphQLClient() });
  }
  return <GraphQLProvider value={held.client}>{children}</GraphQLProvider>;
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
