import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openSetup } from '~/features/sources/testing/source';
import { endSession, startSession } from '~/lib/session';
import { api, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';
import { dropDraft } from '../model/storage';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  dropDraft();
  server.resetHandlers();
});
afterAll(() => server.close());

const machine = {
  __typename: 'Machine',
  id: 'machine-1',
  name: 'Press',
  identifier: 'PRESS-1',
  protocol: 'MODBUS_TCP',
  location: null,
};

function answer(role = 'OPERATOR', setup: unknown = openSetup): void {
  server.use(
    ...frameHandlers(role),
    api.query('MachineChoices', () =>
      HttpResponse.json({ data: { machines: { nodes: [machine], totalCount: 1 } } }),
    ),
    api.query('MachineChoice', () => HttpResponse.json({ data: { machine } })),
    api.query('IngestSourceSetup', () => HttpResponse.json({ data: { ingestSourceSetup: setup } })),
  );
}

async function toConnection(): Promise<void> {
  await userEvent.click(await screen.findByRole('radio', { name: /^Press/ }, slow));
  await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
  await userEvent.click(await screen.findByRole('radio', { name: /^The server reads it/ }));
  await userEvent.click(screen.getByRole('button', { name: 'Go on' }));
  await screen.findByRole('heading', { name: 'How is it reached?' });
}

it('goes on only when the device was reached, and keeps what was entered on the way back', async () => {
  const sent: unknown[] = [];
  let outcome = 'FAILED';
  answer();
  server.use(
    api.mutation('TestIngestSource', ({ variables }) => {
      sent.push(variables.input);
      const step = {
        __typename: 'IngestSourceTestStep',
        name: 'REACHED',
        outcome,
        message: 'is the device on?',
      };
      const test = {
        __typename: 'IngestSourceTest',
        isSuccessful: outcome === 'PASSED',
        steps: [step],
        tags: [],
        offers: [],
        serverCertificate: null,
        isServerConfirmed: false,
        clientCertificate: null,
      };
      return HttpResponse.json({
        data: { testIngestSource: { __typename: 'TestIngestSourceSuccess', test } },
      });
    }),
  );
  renderPage('/connect');
  await toConnection();
  await userEvent.type(screen.getByRole('textbox', { name: 'Host' }), '10.20.0.7');
  await userEvent.click(screen.getByRole('button', { name: 'Test the connection' }));
  expect(await screen.findByText('Is the device on?')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Go on' })).toBeDisabled();
  outcome = 'PASSED';
  await userEvent.click(screen.getByRole('button', { name: 'Test the connection' }));
  expect(await screen.findByText('The test passed.')).toBeInTheDocument();
  expect(sent).toMatchObject([{ modbusTcp: { host: '10.20.0.7', port: 502 }, tags: [] }, {}]);
  expect(screen.getByRole('button', { name: 'Go on' })).toBeEnabled();

  await userEvent.click(screen.getByRole('button', { name: 'Back' }));
  await userEvent.click(await screen.findByRole('button', { name: /Connection/ }));
  expect(await screen.findByRole('textbox', { name: 'Host' })).toHaveValue('10.20.0.7');
  await userEvent.type(screen.getByRole('textbox', { name: 'Host' }), '1');
  expect(screen.getByRole('button', { name: 'Go on' })).toBeDisabled();
});

it('takes the machine of a link, and leaves only the agent where the server reads nothing', async () => {
  answer('ADMIN', { ...openSetup, isOpen: false, message: 'Its operator lists networks.' });
  renderPage('/connect?machine=machine-1');
  expect(await screen.findByRole('heading', { name: 'Who reads it?' }, slow)).toBeVisible();
  expect(await screen.findByText('Its operator lists networks.')).toBeVisible();
  expect(screen.getByRole('radio', { name: /^The server reads it/ })).toBeDisabled();
  expect(screen.getByRole('radio', { name: /^An edge agent reads it/ })).toBeEnabled();
});

it('is closed to a viewer', async () => {
  answer('VIEWER');
  renderPage('/connect');
  expect(await screen.findByText(/Only an operator or an administrator/, undefined, slow)).toBeVisible();
  const main = within(screen.getByRole('main'));
  expect(main.queryByRole('button')).toBeNull();
});
