import { configure, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 20_000 };
// A trial begins half a second after the last change.
configure({ asyncUtilTimeout: 5_000 });
const path = '/machines/machine-1/detection';

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

const settings = {
  __typename: 'MachineChartSettings',
  enabled: true,
  threshold: 1,
  confirmFrames: 3,
  clearSeconds: 60,
  criticalFactor: 2,
};

function episode(minute: number) {
  return {
    __typename: 'MachineChartEpisode',
    severity: 'WARNING',
    startedAt: `2026-01-01T12:${minute}:00Z`,
    endedAt: `2026-01-01T12:${minute + 2}:00Z`,
    peakScore: 1.5,
    message: `The metrics of the machine have left their relation to each other, minute ${minute}.`,
  };
}

function outcome(threshold: number, minutes: number[]) {
  return {
    __typename: 'MachineChartOutcome',
    settings: { ...settings, threshold },
    episodes: minutes.map(episode),
  };
}

function trial(threshold: number, part: Record<string, unknown> = {}) {
  return {
    __typename: 'MachineChartTrial',
    from: '2026-01-01T12:00:00Z',
    to: '2026-01-01T13:00:00Z',
    readingCount: 8,
    frameCount: 4,
    judgedCount: 4,
    metrics: ['flow', 'motor_current'],
    present: outcome(1, [10, 30]),
    proposed: outcome(threshold, threshold > 1 ? [30] : [10, 30]),
    alerts: [],
    points: {
      __typename: 'MachineChartPoints',
      times: [0, 1, 2, 3].map((place) => Date.parse('2026-01-01T12:00:00Z') + place * 900_000),
      scores: [0.5, 1.2, null, 1.5],
      t2Distances: [0.5, 0.4, null, 1.5],
      qDistances: [0.2, 1.2, null, 0.3],
    },
    ...part,
  };
}

function handlers(role = 'OPERATOR', part: Record<string, unknown> = {}, hasOwnSettings = false) {
  const machine = { __typename: 'Machine', id: 'machine-1', name: 'Cooling water pump 1' };
  const machineChart = { __typename: 'MachineChart', machineId: 'machine-1', hasOwnSettings, settings };
  return [
    ...frameHandlers(role),
    api.query('MachineDetection', () => HttpResponse.json({ data: { machine, machineChart } })),
    api.query('MachineChartTrial', ({ variables }) =>
      HttpResponse.json({ data: { machineChartTrial: trial(variables.settings.threshold ?? 1, part) } }),
    ),
  ];
}

const changed = {
  __typename: 'MachineChartUpdateSuccess',
  chart: { __typename: 'MachineChart', machineId: 'machine-1', hasOwnSettings: true },
};

it('shows what a changed number would have found, before it is saved', slow, async () => {
  server.use(...handlers());
  renderPage(path);
  expect(await screen.findByText(/would have found 2 episodes, as many as now/)).toBeInTheDocument();
  expect(screen.getByRole('heading', { name: /Cooling water pump 1 as a whole/ })).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save for this machine' })).toBeDisabled();
  const threshold = screen.getByLabelText('Threshold');
  await userEvent.clear(threshold);
  await userEvent.type(threshold, '1.3');
  expect(await screen.findByText(/would have found 1 episode, 1 fewer/)).toBeInTheDocument();
  expect(screen.getByRole('img', { name: /would have found 1 episode/ })).toBeInTheDocument();
  const rows = within(screen.getByRole('table', { name: 'Episodes' })).getAllByRole('row');
  expect(rows.map((row) => row.lastElementChild?.textContent)).toEqual([
    'Found',
    'Only by the present settings',
    'Found by both',
  ]);
  expect(screen.getByText(/minute 30/, { selector: 'td' })).toBeInTheDocument();
});

it('saves what was tried', slow, async () => {
  const saved: unknown[] = [];
  server.use(
    ...handlers(),
    api.mutation('UpdateMachineChart', ({ variables }) => {
      saved.push(variables.input);
      return HttpResponse.json({ data: { machineChartUpdate: changed } });
    }),
  );
  renderPage(path);
  const frames = await screen.findByLabelText('Frames to confirm');
  await userEvent.clear(frames);
  await userEvent.type(frames, '9');
  await userEvent.click(screen.getByRole('button', { name: 'Save for this machine' }));
  await expect.poll(() => saved).toEqual([{ machineId: 'machine-1', settings: { confirmFrames: 9 } }]);
});

it('drops what a machine has of its own', slow, async () => {
  const saved: unknown[] = [];
  server.use(
    ...handlers('OPERATOR', {}, true),
    api.mutation('UpdateMachineChart', ({ variables }) => {
      saved.push(variables.input);
      return HttpResponse.json({ data: { machineChartUpdate: changed } });
    }),
  );
  renderPage(path);
  await userEvent.click(await screen.findByRole('button', { name: 'Use the plant’s defaults' }));
  await expect.poll(() => saved).toEqual([{ machineId: 'machine-1', settings: null }]);
});

it('says why a setting was refused', slow, async () => {
  const message = 'threshold must be a number from 0.5 to 100, not 0.1.';
  server.use(
    ...handlers(),
    api.mutation('UpdateMachineChart', () =>
      HttpResponse.json({
        data: { machineChartUpdate: { __typename: 'ValidationFailed', message, path: ['threshold'] } },
      }),
    ),
  );
  renderPage(path);
  const threshold = await screen.findByLabelText('Threshold');
  await userEvent.clear(threshold);
  await userEvent.type(threshold, '0.1');
  await userEvent.click(screen.getByRole('button', { name: 'Save for this machine' }));
  expect(await screen.findByText(message)).toBeInTheDocument();
});

it('lets a viewer try settings, not save them', slow, async () => {
  server.use(...handlers('VIEWER', {}, true));
  renderPage(path);
  expect(await screen.findByText(/Saving them is for operators and administrators/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: /Save|defaults/ })).not.toBeInTheDocument();
});

it.each([
  [{ judgedCount: 0, metrics: [] }, /has to be seen in 24 hours/],
  [{ judgedCount: 0 }, /its metrics were not read together/],
  [{ judgedCount: 3 }, /75 % of the moments could be judged/],
  [{ readingCount: 0 }, /There are no readings of good quality in this period/],
])('says what could not be judged: %j', slow, async (part, said) => {
  server.use(...handlers('OPERATOR', part));
  renderPage(path);
  expect(await screen.findByText(said)).toBeInTheDocument();
});

it('says when it could not be loaded, and when there is no such machine', slow, async () => {
  server.use(
    api.query('MachineDetection', () => HttpResponse.json({ data: { machine: null, machineChart: null } })),
    ...handlers(),
  );
  server.use(api.query('MachineDetection', () => HttpResponse.error(), { once: true }));
  renderPage(path);
  expect(await screen.findByText(/The settings could not be loaded/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('heading', { name: 'Machine not found' })).toBeInTheDocument();
});
