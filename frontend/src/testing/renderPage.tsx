import { MantineProvider } from '@mantine/core';
import { createMemoryHistory, RouterProvider } from '@tanstack/react-router';
import { type RenderResult, render } from '@testing-library/react';
import { Provider } from 'urql';
import { createAppRouter } from '~/app/router';
import { createGraphQLClient } from '~/gql/client';
import { onSessionChange } from '~/lib/session';
import { theme, variablesResolver } from '~/theme/theme';

/** Address of the API that the tests' handlers answer for. */
export const apiUrl = 'http://localhost:3000/graphql';

/** Renders the application at an address, with its real routes and client and without a live connection. */
export function renderPage(path: string): RenderResult & { location: () => string } {
  const router = createAppRouter(createMemoryHistory({ initialEntries: [path] }));
  onSessionChange(() => void router.invalidate());
  const result = render(
    <MantineProvider theme={theme} cssVariablesResolver={variablesResolver} env="test">
      <Provider value={createGraphQLClient(apiUrl)}>
        <RouterProvider router={router} />
      </Provider>
    </MantineProvider>,
  );
  return { ...result, location: () => router.state.location.href };
}
