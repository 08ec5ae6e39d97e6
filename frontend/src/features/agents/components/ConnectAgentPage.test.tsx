import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { agentNode } from '~/testing/agent';
import { api, frameHandlers, session } from '~/testing/api';
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

const machine = { __typename: 'Machine', id: 'machine-1', identifier: 'PRESS-1', name: 'Press 1' };

function answer(role: string, agents: unknown[] = []): void {
  server.use(
    ...frameHandlers(role),
    api.query('AgentGuide', () =>
      HttpResponse.json({ data: { machines: { nodes: [machine] }, agents: { totalCount: 3 } } }),
    ),
    api.query('AgentsOfName', () => HttpResponse.json({ data: { agents: { nodes: agents } } })),
  );
}

function file(): HTMLElement {
  return screen.getByRole('region', { name: 'agent.toml' });
}

it('makes a key, puts it into the file, and waits for the agent that uses it', async () => {
  answer('ADMIN', [
    agentNode({ ownName: 'line-2-gateway', name: 'line-2-gateway', apiKeyId: 'an-older-key' }),
  ]);
  server.use(
    api.mutation('CreateApiKey', ({ variables }) => {
      expect(variables.input).toEqual({ name: 'line-2-gateway' });
      const apiKey = { __typename: 'ApiKey', id: 'key-1' };
      const success = { __typename: 'ApiKeyCreateSuccess', plaintextKey: 'hk_secret', apiKey };
      return HttpResponse.json({ data: { apiKeyCreate: success } });
    }),
  );
  renderPage('/agents/new');
  await userEvent.click(await screen.findByRole('button', { name: 'Make the API key' }, slow));
  const dialog = await screen.findByRole('dialog', { name: 'New API key' });
  await userEvent.click(within(dialog).getByRole('button', { name: 'Done' }));
  await waitFor(() => expect(file()).toHaveTextContent(/api_key = "hk_secret" name = "line-2-gateway"/));
  expect(file()).toHaveTextContent('machine_identifier = "PRESS-1"');
  expect(screen.getByText('Waiting for line-2-gateway …')).toBeVisible();
  const arrived = agentNode({ ownName: 'line-2-gateway', name: 'line-2-gateway', apiKeyId: 'key-1' });
  answer('ADMIN', [arrived]);
  expect(await screen.findByText('line-2-gateway is connected.', undefined, slow)).toBeVisible();
  expect(screen.getByRole('link', { name: 'Open line-2-gateway' })).toHaveAttribute(
    'href',
    '/agents/agent-1',
  );
}, 20_000);

it('writes the file for the chosen protocol and warns of a machine that is not registered', async () => {
  answer('OPERATOR');
  renderPage('/agents/new');
  const protocol = await screen.findByRole('combobox', { name: 'What it reads first' }, slow);
  await userEvent.selectOptions(protocol, 'Modbus TCP');
  await userEvent.clear(screen.getByRole('textbox', { name: 'Host, or host:port' }));
  await userEvent.type(screen.getByRole('textbox', { name: 'Host, or host:port' }), 'plc:1502');
  expect(file()).toHaveTextContent('host = "plc" port = 1502');
  await userEvent.type(screen.getByRole('combobox', { name: 'Identifier of the machine' }), 'X');
  expect(await screen.findByText(/No machine has the identifier “PRESS-1X”/)).toBeVisible();
  expect(screen.getByText(/Only an administrator can make the key/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Make the API key' })).toBeNull();
});
