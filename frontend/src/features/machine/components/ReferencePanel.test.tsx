import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };
const machine = {
  __typename: 'Machine',
  id: 'machine-1',
  name: 'Cooling water pump 1',
  identifier: 'PUMP-101',
  kind: 'PUMP',
  protocol: 'OPC_UA',
  location: 'Hall 2',
  status: 'HEALTHY',
  healthScore: 100,
  lastReadingAt: null,
  agents: [],
  activeAlertCount: 0,
  unacknowledgedAlertCount: 0,
  metrics: [],
  health: {
    __typename: 'Health',
    score: 100,
    alertScore: 100,
    anomalyScore: 100,
    anomalyWeight: 0.3,
    anomalyEpisodes: 0,
    computedAt: '2026-01-01T12:00:00Z',
    deductions: [],
    evidence: { __typename: 'HealthEvidence', alerts: [], episodes: [] },
  },
};

function reference(part: Record<string, unknown> = {}) {
  const metrics = [
    { name: 'flow', mean: 12.5, standardDeviation: 0.4, correlations: [1, -0.83] },
    { name: 'motor_current', mean: 3.1, standardDeviation: 0.05, correlations: [-0.83, 1] },
  ];
  return {
    __typename: 'MachineReference',
    machineId: 'machine-1',
    isReady: true,
    hoursLearnt: 24,
    metrics: metrics.map((metric) => ({ __typename: 'ReferenceMetric', ...metric })),
    metricsLeftOut: ['oil_temperature'],
    principalComponents: 1,
    t2Limit: 2.48,
    qLimit: 2.3,
    ...part,
  };
}

function answer(found: () => Record<string, unknown>, role = 'OPERATOR'): void {
  server.use(
    ...frameHandlers(role),
    api.query('MachineDetail', () => HttpResponse.json({ data: { machine } })),
    api.query('MachineAlerts', () => HttpResponse.json({ data: { alerts: connection([]) } })),
    api.query('MachineEventRecords', () => HttpResponse.json({ data: { auditRecords: connection([]) } })),
    api.query('TrendReadings', () => HttpResponse.json({ data: { readings: null } })),
    api.query('HealthHistoryOfMachine', () => HttpResponse.json({ data: { machineHealthHistory: null } })),
    api.query('ReferenceOfMachine', () => HttpResponse.json(found())),
  );
}

function ready(part: Record<string, unknown> = {}) {
  return () => ({ data: { machineReference: reference(part) } });
}

async function panel() {
  renderPage('/machines/machine-1');
  return within(await screen.findByRole('region', { name: 'The machine as a whole' }, slow));
}

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

it('shows the metrics, how they go together, and those left out', async () => {
  answer(ready());
  const shown = await panel();
  const table = within(await shown.findByRole('table', { name: /how they go together/ }, slow));
  const row = within(table.getByRole('row', { name: /^Flow/ }));
  expect(row.getByText('−0.83')).toBeVisible();
  expect(shown.getByText(/Without a settled level.*Oil temperature/)).toBeVisible();
});

it('says how much of the day has been learnt', async () => {
  answer(ready({ isReady: false, hoursLearnt: 7, metrics: [] }));
  const shown = await panel();
  expect(await shown.findByText(/Learning: 7 of 24 hours/, {}, slow)).toBeVisible();
  expect(shown.queryByRole('table')).not.toBeInTheDocument();
});

it('confirms a period, and tells why one was refused', async () => {
  const asked: unknown[] = [];
  answer(ready({ isReady: false, hoursLearnt: 0, metrics: [] }));
  server.use(
    api.mutation('VouchForReference', ({ variables }) => {
      asked.push(variables.input);
      const message = 'No metric of the machine has a settled level in this period.';
      return HttpResponse.json({
        data: { machineReferenceVouch: { __typename: 'ValidationFailed', message, path: ['from'] } },
      });
    }),
  );
  const shown = await panel();
  await userEvent.click(await shown.findByRole('button', { name: 'Confirm a normal period' }, slow));
  const dialog = within(await screen.findByRole('dialog', { name: 'Confirm a normal period' }));
  await userEvent.click(dialog.getByRole('button', { name: 'Confirm this period' }));
  expect(await dialog.findByText(/No metric of the machine has a settled level/)).toBeVisible();
  expect(asked).toEqual([{ machineId: 'machine-1', from: expect.any(String), to: expect.any(String) }]);
});

it('offers viewers nothing that they would be refused', async () => {
  answer(ready(), 'VIEWER');
  const shown = await panel();
  await shown.findByRole('table', { name: /how they go together/ }, slow);
  expect(shown.queryByRole('button')).not.toBeInTheDocument();
});

it('offers to ask again when it could not be loaded', async () => {
  answer(() => ({ errors: [{ message: 'down' }] }));
  const shown = await panel();
  expect(await shown.findByText('What the machine is like could not be loaded.', {}, slow)).toBeVisible();
});
