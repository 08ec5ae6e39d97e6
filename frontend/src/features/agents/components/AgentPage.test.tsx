import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { agentNode, agentSourceNode } from '~/testing/agent';
import { alertNode, api, connection, frameHandlers, session } from '~/testing/api';
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

const key = { __typename: 'ApiKey', id: 'key-1', name: 'hall 1', expiresAt: null, revokedAt: null };

interface Situation {
  agent: unknown;
  role?: string;
  gaps?: unknown[];
  alerts?: unknown[];
  keys?: unknown[];
}

function answer({ agent, role = 'ADMIN', gaps = [], alerts = [], keys = [key] }: Situation): void {
  server.use(
    ...frameHandlers(role),
    api.query('AgentById', () => HttpResponse.json({ data: { agent } })),
    api.query('AgentGapList', () =>
      HttpResponse.json({ data: { agent: { __typename: 'Agent', id: 'agent-1', gaps: connection(gaps) } } }),
    ),
    api.query('OpenAgentAlerts', () => HttpResponse.json({ data: { alerts: { nodes: alerts } } })),
    api.query('AgentKeys', () => HttpResponse.json({ data: { apiKeys: keys } })),
  );
}

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

it('says in words how a silent agent is, that its key is dead, and what is alarmed', async () => {
  const agent = agentNode({ state: 'SILENT', lastSeenAt: minutesAgo(12.5) });
  const alert = {
    metric: null,
    machine: null,
    cause: 'AGENT_SILENT',
    message: 'hall-1 has been silent for 180 s',
  };
  const about = { __typename: 'Agent', id: 'agent-1', name: 'hall-1' };
  answer({
    agent,
    alerts: [alertNode({ ...alert, agent: about })],
    keys: [{ ...key, revokedAt: '2026-01-01T12:00:00Z' }],
  });
  renderPage('/agents/agent-1');
  const state = await screen.findByRole('region', { name: 'State' }, slow);
  expect(state).toHaveTextContent(/Silent for 12 min: last heard .*; it sends every 60 s\./);
  await waitFor(() => expect(state).toHaveTextContent('Its API key “hall 1” is no longer valid'));
  expect(await screen.findByText('hall-1 has been silent for 180 s')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Acknowledge' })).toBeVisible();
  const all = screen.getByRole('link', { name: 'All alerts about this agent' });
  expect(all).toHaveAttribute('href', '/alerts?agent=agent-1');
});

it('names the machines behind it, and what its silence means for them', async () => {
  const machines = [
    { __typename: 'Machine', id: 'machine-1', name: 'Press 1' },
    { __typename: 'Machine', id: 'machine-2', name: 'Press 2' },
  ];
  answer({ agent: agentNode({ state: 'SILENT', machines, machineCount: 1_202 }) });
  renderPage('/agents/agent-1');
  const behind = await screen.findByRole('region', { name: 'Machines behind this agent' }, slow);
  expect(within(behind).getByRole('link', { name: 'Press 2' })).toHaveAttribute(
    'href',
    '/machines/machine-2',
  );
  expect(behind).toHaveTextContent('and 1,200 more');
  expect(behind).toHaveTextContent('suppressed by design, unless another agent reads the machine');
});

it('says that no machine is behind it yet', async () => {
  answer({ agent: agentNode() });
  renderPage('/agents/agent-1');
  const behind = await screen.findByRole('region', { name: 'Machines behind this agent' }, slow);
  expect(behind).toHaveTextContent('No reading of a machine has come through this agent');
});

it('shows sources with what to do, and what is missing', async () => {
  const broken = {
    state: 'PERMANENT',
    lastError: 'it refuses: let it trust the agent',
    lastErrorAt: minutesAgo(2.5),
  };
  const sources = [
    agentSourceNode({ name: 'pump', protocol: 'modbus', dropped: 3600 }),
    agentSourceNode(broken),
  ];
  const gap = { __typename: 'AgentGap', tag: '', reason: 'the agent was not running', count: 1 };
  answer({
    agent: agentNode({ state: 'DEGRADED', sources }),
    gaps: [{ ...gap, source: 'pump', start: minutesAgo(90), end: minutesAgo(30) }],
  });
  renderPage('/agents/agent-1');
  const table = await screen.findByRole('table', { name: 'Sources of the agent' }, slow);
  const [, first, advice, second] = within(table).getAllByRole('row');
  expect(first).toHaveTextContent(/Needs a person.*press-plc.*OPC UA/);
  expect(advice).toHaveTextContent(
    /Error, 2 min ago: it refuses.*What to do:.*plantwright-agent trust opcua press-plc/,
  );
  expect(second).toHaveTextContent(/Well.*pump.*Modbus TCP.*3,600/);
  expect(await screen.findByRole('img', { name: 'pump: 1 gap' })).toBeVisible();
  expect(screen.getByRole('img', { name: 'press-plc: nothing missing' })).toBeVisible();
  expect(screen.getByRole('table', { name: 'Gaps, newest first' })).toHaveTextContent(
    /1 h.*pump.*the whole source.*the agent was not running/,
  );
});

it('is renamed and, after saying what that means, removed', async () => {
  const sent: unknown[] = [];
  answer({ agent: agentNode() });
  server.use(
    api.query('AgentList', () =>
      HttpResponse.json({ data: { agents: connection([agentNode({ id: 'agent-9' })]) } }),
    ),
    api.query('SilenceAlerts', () => HttpResponse.json({ data: { alerts: { nodes: [] } } })),
    api.mutation('RenameAgent', ({ variables }) => {
      sent.push(variables.input);
      const agent = { __typename: 'Agent', id: 'agent-1', name: 'Line 2' };
      return HttpResponse.json({ data: { agentRename: { __typename: 'AgentRenameSuccess', agent } } });
    }),
    api.mutation('RemoveAgent', ({ variables }) => {
      sent.push(variables.input);
      return HttpResponse.json({
        data: { agentRemove: { __typename: 'AgentRemoveSuccess', id: 'agent-1' } },
      });
    }),
  );
  const page = renderPage('/agents/agent-1');
  await userEvent.click(await screen.findByRole('button', { name: 'Rename' }, slow));
  const name = await screen.findByRole('textbox', { name: 'Name' });
  await userEvent.clear(name);
  await userEvent.type(name, 'Line 2{Enter}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await userEvent.click(screen.getByRole('button', { name: 'Remove' }));
  const dialog = await screen.findByRole('dialog', { name: 'Remove agent' });
  expect(dialog).toHaveTextContent(/readings it has sent stay.*comes back with its next heartbeat.*“hall 1”/);
  await userEvent.click(within(dialog).getByRole('button', { name: 'Remove this agent' }));
  await waitFor(() => expect(page.location()).toBe('/agents'));
  expect(sent).toEqual([{ id: 'agent-1', name: 'Line 2' }, { id: 'agent-1' }]);
});

it('offers a viewer no buttons that would be refused, and asks for no keys', async () => {
  answer({ agent: agentNode(), role: 'VIEWER' });
  server.use(api.query('AgentKeys', () => HttpResponse.error()));
  renderPage('/agents/agent-1');
  expect(await screen.findByText(/^Online for \d+ d.*: 1 of 1 source well\./, undefined, slow)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Rename' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Remove' })).toBeNull();
});

it('says that there is no such agent', async () => {
  answer({ agent: null });
  renderPage('/agents/agent-1');
  expect(await screen.findByRole('heading', { name: 'There is no such agent' }, slow)).toBeVisible();
});

it('says that the agent could not be loaded, and tries again', async () => {
  answer({ agent: agentNode() });
  server.use(api.query('AgentById', () => new HttpResponse(null, { status: 503 }), { once: true }));
  renderPage('/agents/agent-1');
  expect(await screen.findByRole('alert', undefined, slow)).toHaveTextContent(
    'The agent could not be loaded.',
  );
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText(/^Online for/)).toBeVisible();
});
