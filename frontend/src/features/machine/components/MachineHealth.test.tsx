import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { alertNode, api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();
const slow = { timeout: 10_000 };
const asked: { from: string; to: string }[] = [];

const critical = {
  __typename: 'HealthDeduction',
  rule: 'critical_alert_7d',
  description: 'Critical alert, past 7 days',
  pointsEach: 15,
  found: 5,
  counted: 3,
  cap: 3,
  points: 45,
};
const waiting = {
  ...critical,
  rule: 'unacknowledged_active_alert',
  description: 'Unacknowledged active alert',
  pointsEach: 4,
  found: 0,
  counted: 0,
  cap: 5,
  points: 0,
};
const health = {
  __typename: 'Health',
  score: 64,
  alertScore: 55,
  anomalyScore: 85,
  anomalyWeight: 0.3,
  anomalyEpisodes: 3,
  computedAt: '2026-01-01T12:00:00Z',
  deductions: [critical, waiting],
  evidence: {
    __typename: 'HealthEvidence',
    alerts: ['a', 'b', 'c'].map((id) => ({
      __typename: 'DeductedAlert',
      rule: critical.rule,
      alert: alertNode({ id, message: `Vibration is high (${id})` }),
    })),
    episodes: [
      {
        __typename: 'HealthEpisodes',
        metric: null,
        detector: 'multivariate',
        found: 6,
        counted: 4,
        latestAt: '2026-01-01T11:00:00Z',
      },
    ],
  },
};

function change(part: Record<string, unknown>) {
  return {
    __typename: 'MachineHealthChange',
    sequence: 7,
    at: '2026-01-01T11:00:00Z',
    oldScore: 100,
    score: 85,
    anomalyWeight: 0.3,
    anomalyEpisodes: 0,
    deductions: [{ ...critical, counted: 1, points: 15 }],
    ...part,
  };
}

function history(part: Record<string, unknown> = {}) {
  const [from, to] = ['2025-12-31T12:00:00Z', '2026-01-01T12:00:00Z'];
  const point = { at: '2026-01-01T11:00:00Z', score: 64, lowest: 40, highest: 100 };
  const changes = [
    change({ sequence: 8, oldScore: 85, score: 64, anomalyEpisodes: 3, deductions: [critical] }),
    change({}),
  ];
  return {
    __typename: 'MachineHealthHistory',
    from,
    to,
    startScore: 100,
    isReduced: true,
    points: [point],
    changes,
    ...part,
  };
}

function answer(found: unknown): void {
  const machine = {
    __typename: 'Machine',
    id: 'machine-1',
    name: 'Cooling water pump 1',
    identifier: 'PUMP-101',
    kind: 'PUMP',
    protocol: 'OPC_UA',
    location: 'Hall 2',
    status: 'WARNING',
    healthScore: 64,
    lastReadingAt: null,
    agents: [],
    activeAlertCount: 0,
    unacknowledgedAlertCount: 0,
    metrics: [],
    health,
  };
  server.use(
    ...frameHandlers(),
    api.query('MachineDetail', () => HttpResponse.json({ data: { machine } })),
    api.query('MachineAlerts', () => HttpResponse.json({ data: { alerts: connection([]) } })),
    api.query('MachineEventRecords', () => HttpResponse.json({ data: { auditRecords: connection([]) } })),
    api.query('ReferenceOfMachine', () => HttpResponse.json({ data: { machineReference: null } })),
    api.query('TrendReadings', () => HttpResponse.json({ data: { readings: null } })),
    api.query('HealthHistoryOfMachine', ({ variables }) => {
      asked.push({ from: String(variables.from), to: String(variables.to) });
      return HttpResponse.json(found as Record<string, unknown>);
    }),
  );
}

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => {
  asked.length = 0;
  startSession(session);
});
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

it('shows each deduction with its alerts, the episodes, and how to compute it again', async () => {
  answer({ data: { machineHealthHistory: history() } });
  renderPage('/machines/machine-1');
  const panel = within(await screen.findByRole('region', { name: 'Health score: 64 of 100' }, slow));
  const deductions = within(panel.getByRole('table', { name: 'Deductions from the alert score of 100' }));
  const row = within(deductions.getByRole('row', { name: /Critical alert, past 7 days/ }));
  expect(row.getByRole('cell', { name: '15 × 3 (3)' })).toBeVisible();
  expect(row.getByRole('cell', { name: '−45' })).toBeVisible();
  await userEvent.click(deductions.getByText('5 alerts'));
  const links = deductions.getAllByRole('link');
  expect(links.map((link) => link.textContent)).toEqual([
    'Vibration is high (a)',
    'Vibration is high (b)',
    'Vibration is high (c)',
    'and 2 more',
  ]);
  expect(links[0]).toHaveAttribute('href', expect.stringContaining('metric=vibration_rms'));
  const episodes = within(panel.getByRole('table', { name: 'Episodes of the detectors, past 7 days' }));
  expect(episodes.getByRole('cell', { name: /^All metrics together: Multivariate Latest/ })).toBeVisible();
  expect(episodes.getByRole('cell', { name: '4 of 6' })).toBeVisible();
  await userEvent.click(panel.getByText('Compute it again by hand'));
  expect(panel.getByText(/recompute_health\.py EXPORT\.jsonl machine-1/)).toBeVisible();
});

it('draws the score over time and tells what changed it', async () => {
  answer({ data: { machineHealthHistory: history() } });
  renderPage('/machines/machine-1');
  const panel = within(await screen.findByRole('region', { name: 'Score over time' }, slow));
  expect(await panel.findByRole('img', { name: /lowest 40, highest 100, last 64$/ }, slow)).toBeVisible();
  expect(panel.getByText(/Band: lowest to highest/)).toBeVisible();
  const [newest, oldest] = within(panel.getByRole('list', { name: /^Changes of the score/ })).getAllByText(
    /→ \d+ \(/,
    {
      selector: 'strong',
    },
  );
  expect(newest).toHaveTextContent('85 → 64 (−21)');
  expect(oldest).toHaveTextContent('100 → 85 (−15)');
  expect(panel.getByText('Critical alert, past 7 days: 1 → 3 (−30)')).toBeVisible();
  expect(panel.getByText('Episodes of the detectors: 0 → 3')).toBeVisible();
});

it('shows the newest changes first and the others when asked', async () => {
  const changes = Array.from({ length: 7 }, (_, index) => change({ sequence: 20 - index }));
  answer({ data: { machineHealthHistory: history({ changes }) } });
  renderPage('/machines/machine-1');
  const panel = within(await screen.findByRole('region', { name: 'Score over time' }, slow));
  const list = within(await panel.findByRole('list', { name: /^Changes of the score/ }, slow));
  expect(list.getAllByText('100 → 85 (−15)')).toHaveLength(5);
  await userEvent.click(panel.getByRole('button', { name: 'Show the newest 7 changes' }));
  expect(list.getAllByText('100 → 85 (−15)')).toHaveLength(7);
});

it('asks for the chosen period, and says when nothing changed', async () => {
  answer({ data: { machineHealthHistory: history({ points: [], changes: [], isReduced: false }) } });
  renderPage('/machines/machine-1');
  const panel = within(await screen.findByRole('region', { name: 'Score over time' }, slow));
  expect(await panel.findByText('The score did not change in this window.', undefined, slow)).toBeVisible();
  await userEvent.click(panel.getByRole('button', { name: '1 year' }));
  expect(await panel.findByText('The score did not change in this window.', undefined, slow)).toBeVisible();
  const days = asked.map(({ from, to }) => Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000));
  expect(days).toEqual([7, 365]);
});

it('says when the history cannot be loaded', async () => {
  answer({ errors: [{ message: 'Internal error.' }] });
  renderPage('/machines/machine-1');
  expect(
    await screen.findByRole('heading', { name: 'The history of the score could not be loaded.' }, slow),
  ).toBeVisible();
});
