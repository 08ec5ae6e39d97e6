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
const path = '/machines/machine-1/metrics/metric-1/detection';

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

const settings = {
  __typename: 'DetectionSettings',
  enabled: true,
  baselineThreshold: 5,
  baselineMinSamples: 30,
  ewmaLambda: 0.2,
  ewmaThreshold: 5,
  rateThreshold: 6,
  confirmReadings: 3,
  clearSeconds: 60,
  criticalFactor: 2,
};

function episode(minute: number) {
  return {
    __typename: 'DetectionEpisode',
    detector: 'STATIC_BASELINE',
    severity: 'WARNING',
    startedAt: `2026-01-01T12:${minute}:00Z`,
    endedAt: `2026-01-01T12:${minute + 2}:00Z`,
    peakScore: 7.5,
  };
}

function outcome(threshold: number, minutes: number[]) {
  return {
    __typename: 'DetectionOutcome',
    settings: { ...settings, baselineThreshold: threshold },
    episodes: minutes.map(episode),
    episodesPerDay: [minutes.length],
  };
}

function trial(threshold: number, proposed: number[], readingCount = 4) {
  return {
    __typename: 'DetectionTrial',
    unit: 'mm/s',
    from: '2026-01-01T12:00:00Z',
    to: '2026-01-01T13:00:00Z',
    readingCount,
    days: [0],
    present: outcome(5, [10]),
    proposed: outcome(threshold, proposed),
    alerts: [],
    points: {
      __typename: 'DetectionPoints',
      times: [0, 1, 2, 3].map((place) => Date.parse('2026-01-01T12:00:00Z') + place * 900_000),
      values: [1, 2, 1, null],
      minimums: [1, 2, 1, null],
      maximums: [1, 2, 1, null],
      means: [1.5, 1.5, 1.5, 1.5],
      lowers: [null, 0.5, 0.5, 0.5],
      uppers: [null, 2.5, 2.5, 2.5],
      baselineScores: [null, 1, 1, 9],
      ewmaScores: [null, 1, 1, 1],
      rateScores: [null, 1, 1, 1],
    },
  };
}

function handlers(role = 'OPERATOR', answer = trial) {
  return [
    ...frameHandlers(role),
    api.query('MetricDetection', () =>
      HttpResponse.json({
        data: {
          machine: {
            __typename: 'Machine',
            id: 'machine-1',
            name: 'Cooling water pump 1',
            metrics: [
              {
                __typename: 'Metric',
                id: 'metric-1',
                name: 'vibration_rms',
                hasOwnDetection: false,
                detection: settings,
              },
            ],
          },
        },
      }),
    ),
    api.query('DetectionTrial', ({ variables }) => {
      const threshold = variables.settings.baselineThreshold ?? 5;
      return HttpResponse.json({
        data: { detectionTrial: answer(threshold, threshold < 5 ? [10, 20, 30] : [10]) },
      });
    }),
  ];
}

it('shows what a changed number would have found, before it is saved', slow, async () => {
  server.use(...handlers());
  renderPage(path);
  expect(await screen.findByText(/would have found 1 episode, as many as now/)).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Save for this metric' })).toBeDisabled();
  const threshold = screen.getByLabelText('Baseline threshold');
  await userEvent.clear(threshold);
  await userEvent.type(threshold, '2');
  expect(await screen.findByText(/would have found 3 episodes, 2 more/)).toBeInTheDocument();
  expect(screen.getByRole('img', { name: /would have found 3 episodes/ })).toBeInTheDocument();
  const rows = within(screen.getByRole('table', { name: 'Episodes' })).getAllByRole('row');
  expect(rows.map((row) => row.lastElementChild?.textContent)).toEqual([
    'Found',
    'Found by both',
    'Only by the settings shown',
    'Only by the settings shown',
  ]);
  expect(screen.getByRole('button', { name: 'Save for this metric' })).toBeEnabled();
});

it('saves what was tried', slow, async () => {
  const saved: unknown[] = [];
  server.use(
    ...handlers(),
    api.mutation('UpdateMetricDetection', ({ variables }) => {
      saved.push(variables.input);
      const metric = { __typename: 'Metric', id: 'metric-1', hasOwnDetection: true };
      return HttpResponse.json({
        data: { metricDetectionUpdate: { __typename: 'MetricDetectionUpdateSuccess', metric } },
      });
    }),
  );
  renderPage(path);
  const threshold = await screen.findByLabelText('Rate threshold');
  await userEvent.clear(threshold);
  await userEvent.type(threshold, '9');
  await userEvent.click(screen.getByRole('button', { name: 'Save for this metric' }));
  await expect.poll(() => saved).toEqual([{ metricId: 'metric-1', detection: { rateThreshold: 9 } }]);
});

it('lets a viewer try settings, not save them', slow, async () => {
  server.use(...handlers('VIEWER'));
  renderPage(path);
  expect(await screen.findByText(/Saving them is for operators and administrators/)).toBeInTheDocument();
  expect(screen.queryByRole('button', { name: 'Save for this metric' })).not.toBeInTheDocument();
});

it('says why a period cannot be tried', slow, async () => {
  const message =
    'The period has more than 100,000 readings, too many to be tried at once: try about 27 hours.';
  server.use(
    api.query('DetectionTrial', () =>
      HttpResponse.json({
        data: { detectionTrial: null },
        errors: [{ message, extensions: { code: 'VALIDATION_FAILED' } }],
      }),
    ),
    ...handlers(),
  );
  renderPage(`${path}?period=7d`);
  expect(await screen.findByText(message)).toBeInTheDocument();
});

it('says that a period without readings has nothing to try', slow, async () => {
  server.use(...handlers('OPERATOR', () => trial(5, [], 0)));
  renderPage(path);
  expect(await screen.findByText(/There are no readings of good quality in this period/)).toBeInTheDocument();
});

it('says when there is no such metric', slow, async () => {
  server.use(...handlers());
  renderPage('/machines/machine-1/metrics/gone/detection');
  expect(await screen.findByRole('heading', { name: 'Metric not found' })).toBeInTheDocument();
});
