import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';
import { fingerprint, openSetup, sourceNode, tagNode } from '../testing/source';

const server = setupServer();
const slow = { timeout: 10_000 };

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

let stored: unknown;

function answer(role = 'OPERATOR'): void {
  stored = sourceNode();
  server.use(
    ...frameHandlers(role),
    api.query('IngestSource', () => HttpResponse.json({ data: { ingestSource: stored } })),
    api.query('IngestSourceSetup', () => HttpResponse.json({ data: { ingestSourceSetup: openSetup } })),
  );
}

it('saves tags for the version that was seen, and says so when somebody was faster', async () => {
  const sent: unknown[] = [];
  answer();
  server.use(
    api.mutation('SetTagMappings', ({ variables }) => {
      sent.push(variables.input);
      const refusal = {
        __typename: 'Conflict',
        message: 'It was changed meanwhile.',
        path: ['expectedVersion'],
      };
      return HttpResponse.json({ data: { setTagMappings: refusal } });
    }),
  );
  renderPage('/sources/source-1');
  const scale = await screen.findByRole('textbox', { name: 'Scale of temperature' }, slow);
  expect(screen.getByRole('button', { name: 'Save tags' })).toBeDisabled();
  await userEvent.clear(scale);
  await userEvent.type(scale, '0.1');
  await userEvent.click(screen.getByRole('button', { name: 'Save tags' }));
  expect(await screen.findByText('It was changed meanwhile.')).toBeVisible();
  expect(sent).toMatchObject([{ sourceId: 'source-1', expectedVersion: 3, mappings: [{ scale: 0.1 }] }]);

  stored = sourceNode({ version: 4, tags: [tagNode({ offset: 7 })] });
  expect(await screen.findByText(/Somebody else changed these tags/, undefined, slow)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Load what is stored now' }));
  expect(screen.getByRole('textbox', { name: 'Offset of temperature' })).toHaveValue('7');
  expect(screen.getByRole('textbox', { name: 'Scale of temperature' })).toHaveValue('1');
});

it('asks for the password with another certificate of the server', async () => {
  const sent: unknown[] = [];
  const certificate = {
    __typename: 'OpcUaCertificate',
    fingerprint,
    subject: 'CN=press',
    applicationUri: null,
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2030-01-01T00:00:00Z',
  };
  const step = (name: string, outcome: string, message: string) => ({
    __typename: 'IngestSourceTestStep',
    name,
    outcome,
    message,
  });
  const report = {
    __typename: 'IngestSourceTest',
    isSuccessful: false,
    steps: [step('RESOLVED', 'PASSED', '10.0.0.1'), step('SECURED', 'FAILED', 'nobody has confirmed it')],
    tags: [],
    offers: [],
    serverCertificate: certificate,
    isServerConfirmed: false,
    clientCertificate: null,
  };
  answer();
  server.use(
    api.mutation('TestIngestSource', () =>
      HttpResponse.json({
        data: { testIngestSource: { __typename: 'TestIngestSourceSuccess', test: report } },
      }),
    ),
    api.mutation('UpdateIngestSource', ({ variables }) => {
      sent.push(variables.input);
      const source = sourceNode({ version: 4 });
      return HttpResponse.json({
        data: { updateIngestSource: { __typename: 'UpdateIngestSourceSuccess', source } },
      });
    }),
  );
  renderPage('/sources/source-1');
  await userEvent.click(await screen.findByRole('button', { name: 'Test now' }, slow));
  expect(await screen.findByText('10.0.0.1')).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: /trust this server/ }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
  await userEvent.type(dialog.getByLabelText('Password'), 'secret');
  await userEvent.click(dialog.getByRole('button', { name: 'Save' }));
  await screen.findByRole('heading', { level: 1, name: 'Press OPC UA' });
  expect(sent).toMatchObject([
    { expectedVersion: 3, opcUa: { serverFingerprint: fingerprint, password: 'secret' } },
  ]);
});

it('shows a viewer everything and lets them change nothing', async () => {
  answer('VIEWER');
  renderPage('/sources/source-1');
  expect(await screen.findByText('temperature', undefined, slow)).toBeVisible();
  expect(screen.getByText('The device answers and its values are stored.')).toBeVisible();
  for (const name of ['Pause', 'Delete', 'Test now', 'Save tags', 'Edit connection']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
});

it('says when there is no such source', async () => {
  answer();
  stored = null;
  renderPage('/sources/source-1');
  expect(await screen.findByRole('heading', { name: 'There is no such source' }, slow)).toBeVisible();
});
