import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

// jsdom draws nothing: the trends of the page stay out of sight.
vi.stubGlobal(
  'IntersectionObserver',
  class {
    observe(): void {}
    disconnect(): void {}
  },
);

const server = setupServer();
const slow = { timeout: 10_000 };
const speed = {
  __typename: 'Metric',
  id: 'metric-1',
  name: 'speed',
  unit: 'rpm',
  hasOwnDetection: false,
  latest: { __typename: 'Sample', time: '2026-01-01T12:00:00Z', value: 1480 },
};
const machine = {
  __typename: 'Machine',
  id: 'machine-1',
  name: 'Milling spindle',
  identifier: 'SPINDLE-201',
  kind: 'SPINDLE',
  protocol: 'OPC_UA',
  location: 'Hall 2',
  status: 'HEALTHY',
  healthScore: 100,
  lastReadingAt: null,
  metrics: [speed],
  agents: [],
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
const out = {
  __typename: 'OutOfService',
  id: 'out-1',
  reason: 'New bearing',
  beganAt: '2026-01-01T12:00:00Z',
  until: '2026-01-01T16:00:00Z',
  metric: null,
  workOrderId: null,
  machine: { __typename: 'Machine', id: 'machine-1', name: 'Milling spindle' },
  beganBy: { __typename: 'User', id: 'user-1', fullName: 'Olga Operator' },
};
const stopped = {
  __typename: 'RunningCondition',
  metricId: 'metric-1',
  metric: 'speed',
  comparison: 'GREATER',
  value: 2000,
  isRunning: false,
  since: '2026-01-01T11:00:00Z',
};

type Answer = { data?: Record<string, unknown>; errors?: { message: string }[] };

interface World {
  outOfService: object[];
  runningCondition: object | null;
  isBroken?: boolean;
}

function answer(world: World, role = 'OPERATOR'): void {
  const broken = () => HttpResponse.json<Answer>({ errors: [{ message: 'Internal error.' }] });
  server.use(
    api.query('OutOfServiceNow', () =>
      world.isBroken ? broken() : HttpResponse.json<Answer>({ data: { outOfService: world.outOfService } }),
    ),
    api.query('RunningOfMachine', () =>
      world.isBroken
        ? broken()
        : HttpResponse.json<Answer>({ data: { runningCondition: world.runningCondition } }),
    ),
    ...frameHandlers(role),
    api.query('MachineDetail', () => HttpResponse.json({ data: { machine } })),
    api.query('MachineAlerts', () => HttpResponse.json({ data: { alerts: connection([]) } })),
    api.query('MachineEventRecords', () => HttpResponse.json({ data: { auditRecords: connection([]) } })),
    api.query('TrendReadings', () => HttpResponse.json({ data: { readings: null } })),
    api.query('HealthHistoryOfMachine', () => HttpResponse.json({ data: { machineHealthHistory: null } })),
    api.query('ReferenceOfMachine', () => HttpResponse.json({ data: { machineReference: null } })),
    api.query('ServiceChoices', () =>
      HttpResponse.json({
        data: {
          machine: { __typename: 'Machine', id: 'machine-1', metrics: [speed] },
          alertSettings: { __typename: 'AlertSettings', endOfShift: '2999-01-01T14:00:00Z' },
        },
      }),
    ),
  );
}

const running = async () => within(await screen.findByRole('region', { name: 'Running or stopped' }, slow));

beforeAll(() => server.listen({ onUnhandledRequest: 'bypass' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

describe('a machine out of service', () => {
  it('is taken out with a reason and an end, and says at the field what is missing', async () => {
    const world: World = { outOfService: [], runningCondition: null };
    const sent: unknown[] = [];
    answer(world);
    server.use(
      api.mutation('TakeOutOfService', ({ variables }) => {
        sent.push(variables.input);
        world.outOfService = [out];
        const begun = { __typename: 'OutOfService', id: 'out-1' };
        return HttpResponse.json({
          data: { outOfServiceBegin: { __typename: 'OutOfServiceBeginSuccess', outOfService: begun } },
        });
      }),
    );
    renderPage('/machines/machine-1');
    await userEvent.click(await screen.findByRole('button', { name: 'Take out of service' }, slow));
    const dialog = within(await screen.findByRole('dialog', { name: 'Take out of service' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Take out of service' }));
    const reason = dialog.getByRole('textbox', { name: 'Reason' });
    await waitFor(() => expect(reason).toHaveAccessibleDescription(/Say why/));
    await userEvent.type(reason, ' New bearing ');
    await screen.findByRole('option', { name: /end of the shift \(/ });
    await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'What' }), 'Only Speed');
    await userEvent.selectOptions(dialog.getByRole('combobox', { name: 'How long' }), 'shift');
    await userEvent.click(dialog.getByRole('button', { name: 'Take out of service' }));
    const list = within(await screen.findByRole('list', { name: 'Out of service' }, slow));
    expect(sent).toEqual([
      {
        machineId: 'machine-1',
        metricId: 'metric-1',
        reason: 'New bearing',
        until: '2999-01-01T14:00:00.000Z',
      },
    ]);
    expect(list.getByText('By Olga Operator')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Take out of service' })).toBeNull();
  });

  it('says who was quicker, and shows what became of it', async () => {
    const world: World = { outOfService: [out], runningCondition: null };
    answer(world);
    server.use(
      api.mutation('ReturnToService', () => {
        world.outOfService = [];
        const refusal = {
          __typename: 'Conflict',
          message: 'It has been returned to service already.',
          path: ['id'],
        };
        return HttpResponse.json({ data: { outOfServiceEnd: refusal } });
      }),
    );
    renderPage('/machines/machine-1');
    await userEvent.click(await screen.findByRole('button', { name: 'Return to service' }, slow));
    const dialog = within(await screen.findByRole('dialog', { name: 'Return to service' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Return to service' }));
    expect(await screen.findByText('It has been returned to service already.', {}, slow)).toBeVisible();
  });

  it('is shown to a viewer without what would be refused', async () => {
    answer({ outOfService: [out], runningCondition: stopped }, 'VIEWER');
    renderPage('/machines/machine-1');
    const list = within(await screen.findByRole('list', { name: 'Out of service' }, slow));
    expect(list.getByText('New bearing')).toBeVisible();
    expect((await running()).getByText('Stopped')).toBeVisible();
    for (const name of [/service$/, /condition$/]) {
      expect(screen.queryByRole('button', { name })).toBeNull();
    }
  });
});

describe('when a machine runs', () => {
  it('is said by one metric, with what that means now', async () => {
    const sent: unknown[] = [];
    const world: World = { outOfService: [], runningCondition: null };
    answer(world);
    server.use(
      api.mutation('SetRunningCondition', ({ variables }) => {
        sent.push(variables.input);
        world.runningCondition = stopped;
        return HttpResponse.json({
          data: { runningConditionSet: { __typename: 'RunningConditionSetSuccess', condition: stopped } },
        });
      }),
    );
    renderPage('/machines/machine-1');
    const panel = await running();
    expect(await panel.findByText(/always counts as running/, {}, slow)).toBeVisible();
    await userEvent.click(panel.getByRole('button', { name: 'Say when it runs' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'When does this machine run?' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Save condition' }));
    const value = dialog.getByRole('textbox', { name: 'Value, in rpm' });
    expect(value).toHaveAccessibleDescription('Give a number.');
    await userEvent.type(value, '2000');
    expect(dialog.getByRole('status')).toHaveTextContent(
      'The newest value is 1,480.00 rpm. With it the machine is stopped.',
    );
    await userEvent.click(dialog.getByRole('button', { name: 'Save condition' }));
    expect(await panel.findByText('Speed is above 2,000.00 rpm', {}, slow)).toBeVisible();
    expect(panel.getByText('1,480.00 rpm')).toBeVisible();
    expect(sent).toEqual([
      { machineId: 'machine-1', condition: { metricId: 'metric-1', comparison: 'GREATER', value: 2000 } },
    ]);
  });

  it('counts as running again once the condition is removed', async () => {
    const world: World = { outOfService: [], runningCondition: stopped };
    answer(world);
    server.use(
      api.mutation('SetRunningCondition', ({ variables }) => {
        expect(variables.input).toEqual({ machineId: 'machine-1', condition: null });
        world.runningCondition = null;
        return HttpResponse.json({
          data: { runningConditionSet: { __typename: 'RunningConditionSetSuccess', condition: null } },
        });
      }),
    );
    renderPage('/machines/machine-1');
    const panel = await running();
    await userEvent.click(await panel.findByRole('button', { name: 'Remove condition' }, slow));
    const dialog = within(await screen.findByRole('dialog', { name: 'Remove the running condition' }));
    await userEvent.click(dialog.getByRole('button', { name: 'Remove condition' }));
    expect(await panel.findByText(/always counts as running/, {}, slow)).toBeVisible();
  });

  it('says what could not be loaded, and tries again', async () => {
    const world: World = { outOfService: [out], runningCondition: stopped, isBroken: true };
    answer(world);
    renderPage('/machines/machine-1');
    expect(
      await screen.findByRole('heading', { name: 'Whether it is out of service could not be loaded.' }, slow),
    ).toBeVisible();
    const panel = await running();
    expect(
      panel.getByRole('heading', { name: 'Whether the machine runs could not be loaded.' }),
    ).toBeVisible();
    world.isBroken = false;
    await userEvent.click(panel.getByRole('button', { name: 'Try again' }));
    expect(await panel.findByText('Stopped', {}, slow)).toBeVisible();
  });
});
