import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';
import { openSetup, sourceNode, status } from '../testing/source';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function answer(nodes: unknown[], role = 'OPERATOR', setup: unknown = openSetup): void {
  server.use(
    ...frameHandlers(role),
    api.query('IngestSources', () => HttpResponse.json({ data: { ingestSources: connection(nodes) } })),
    api.query('IngestSourceSetup', () => HttpResponse.json({ data: { ingestSourceSetup: setup } })),
  );
}

const refused = sourceNode({
  id: 'source-2',
  name: 'Press',
  status: status({ state: 'PERMANENT', lastError: 'user name or password is wrong' }),
});

it('shows what wants attention first, with its error, and filters', async () => {
  answer([sourceNode({ name: 'Alpha' }), refused]);
  renderPage('/sources');
  const table = within(await screen.findByRole('table', { name: /what wants attention first/ }, slow));
  const rows = table.getAllByRole('row').slice(1);
  expect(rows[0]).toHaveTextContent(/Needs a person.*Press/);
  expect(rows[0]).toHaveTextContent('user name or password is wrong');
  expect(rows[1]).toHaveTextContent(/Polling.*Alpha/);
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search' }), 'alph');
  await waitFor(() => expect(table.queryByRole('link', { name: 'Press' })).toBeNull());
  expect(screen.getByText('1 of 2 sources')).toBeVisible();
});

it('pauses a source in its row', async () => {
  let isPaused = false;
  const sent: unknown[] = [];
  answer([]);
  server.use(
    api.query('IngestSources', () => {
      const state = isPaused ? 'PAUSED' : 'OK';
      const node = sourceNode({ name: 'Alpha', isPaused, status: status({ state }) });
      return HttpResponse.json({ data: { ingestSources: connection([node]) } });
    }),
    api.mutation('PauseIngestSource', ({ variables }) => {
      sent.push(variables.input);
      isPaused = true;
      const source = { __typename: 'IngestSource', id: 'source-1', isPaused };
      return HttpResponse.json({
        data: { pauseIngestSource: { __typename: 'PauseIngestSourceSuccess', source } },
      });
    }),
  );
  renderPage('/sources');
  await userEvent.click(await screen.findByRole('button', { name: 'Pause Alpha' }, slow));
  expect(await screen.findByRole('button', { name: 'Resume Alpha' })).toBeVisible();
  expect(sent).toEqual([{ id: 'source-1' }]);
});

it('says how direct reading is allowed where it is switched off', async () => {
  answer([], 'ADMIN', { ...openSetup, isOpen: false, message: 'Its operator lists networks.' });
  renderPage('/sources');
  expect(await screen.findByText(/Its operator lists networks/, undefined, slow)).toBeVisible();
  expect(screen.getByRole('link', { name: 'connect a machine' })).toHaveAttribute('href', '/connect');
});

it('offers a viewer nothing that would be refused', async () => {
  answer([refused], 'VIEWER');
  renderPage('/sources');
  expect(await screen.findByRole('link', { name: 'Press' }, slow)).toBeVisible();
  expect(screen.queryByRole('button', { name: /^Pause / })).toBeNull();
  expect(screen.queryByRole('link', { name: 'Connect a machine' })).toBeNull();
});

it('offers another try when the list could not be loaded', async () => {
  let isDown = true;
  answer([]);
  server.use(
    api.query('IngestSources', () =>
      isDown
        ? HttpResponse.json({
            errors: [{ message: 'Try again shortly.', extensions: { code: 'UNAVAILABLE' } }],
          })
        : HttpResponse.json({ data: { ingestSources: connection([]) } }),
    ),
  );
  renderPage('/sources');
  expect(await screen.findByText('The sources could not be loaded.', undefined, slow)).toBeVisible();
  isDown = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'The server reads no device yet' })).toBeVisible();
});
