import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { agentNode, agentSourceNode } from '~/testing/agent';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function answer(nodes: unknown[], role = 'ADMIN', alerts: unknown[] = []): void {
  server.use(
    ...frameHandlers(role),
    api.query('AgentList', () => HttpResponse.json({ data: { agents: connection(nodes) } })),
    api.query('SilenceAlerts', () => HttpResponse.json({ data: { alerts: { nodes: alerts } } })),
    api.query('AgentGuide', () =>
      HttpResponse.json({ data: { machines: { nodes: [] }, agents: { totalCount: 0 } } }),
    ),
    api.query('AgentsOfName', () => HttpResponse.json({ data: { agents: { nodes: [] } } })),
  );
}

const silent = agentNode({
  id: 'agent-2',
  name: 'tower',
  state: 'SILENT',
  version: '0.9.1',
  lastSeenAt: new Date(Date.now() - 750_000).toISOString(),
  clockOffsetMs: -90_000,
  sources: [agentSourceNode(), agentSourceNode({ name: 'pump', state: 'PERMANENT' })],
  buffer: { ...agentNode().buffer, bytes: 125_000_000, depth: 1200 },
});

async function rows(): Promise<HTMLElement[]> {
  const table = await screen.findByRole('table', { name: 'Agents, worst first' }, slow);
  return within(table).getAllByRole('row').slice(1);
}

it('shows the silent first, with all that is out of order about them', async () => {
  const alert = { __typename: 'Alert', id: 'a', severity: 'WARNING', state: 'ACTIVE_UNACKNOWLEDGED' };
  answer([agentNode(), silent], 'VIEWER', [{ ...alert, agent: { __typename: 'Agent', id: 'agent-2' } }]);
  renderPage('/agents');
  const [first, second] = await rows();
  expect(first).toHaveTextContent(/^Silent.*for 12 min.*tower.*Clock 1 min ahead.*12 min ago.*1 of 2/);
  expect(first).toHaveTextContent(/1,200 waiting.*125 MB of 500 MB.*0\.9\.1newest here: 0\.10\.0/);
  expect(within(first as HTMLElement).getByRole('meter', { name: 'Buffer' })).toHaveAttribute(
    'aria-valuenow',
    '25',
  );
  expect(
    await within(first as HTMLElement).findByRole('img', { name: 'Warning, unacknowledged' }),
  ).toBeVisible();
  expect(second).toHaveTextContent(/^Onlinefor \d+ d.*hall-1.*s ago1 of 1Nothing waiting.*0\.10\.0$/);
  expect(screen.queryByRole('link', { name: 'Connect an agent' })).toBeNull();
});

it('filters by state and by name, and keeps both in the address', async () => {
  answer([agentNode(), silent]);
  const page = renderPage('/agents');
  await userEvent.click(await screen.findByRole('button', { name: 'Silent 1' }, slow));
  await waitFor(async () => expect(await rows()).toHaveLength(1));
  expect(page.location()).toBe('/agents?state=SILENT');
  await userEvent.type(screen.getByRole('searchbox', { name: 'Search' }), 'hall');
  expect(await screen.findByRole('heading', { name: 'No agent matches' })).toBeVisible();
  expect(page.location()).toBe('/agents?state=SILENT&q=hall');
});

it('leads to the first agent when there is none', async () => {
  answer([]);
  const page = renderPage('/agents');
  expect(await screen.findByRole('heading', { name: 'Connect the first agent' }, slow)).toBeVisible();
  expect(page.location()).toBe('/agents/new');
});

it('says what failed and tries again', async () => {
  answer([]);
  server.use(api.query('AgentList', () => new HttpResponse(null, { status: 503 })));
  renderPage('/agents');
  expect(await screen.findByRole('alert', undefined, slow)).toHaveTextContent(
    'The agents could not be loaded.',
  );
  answer([agentNode()]);
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await rows()).toHaveLength(1);
});
