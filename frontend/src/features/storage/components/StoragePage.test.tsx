import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
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

const asked = {
  __typename: 'StorageCleanup',
  requestedAt: '2026-02-01T12:00:00Z',
  startedAt: '2026-02-01T12:00:01Z',
  finishedAt: null,
  deletedSegments: 12,
  deletedReadings: 43_200,
  deletedRollups: 0,
  requestedBy: { __typename: 'User', id: 'user-1', fullName: 'Ada Admin' },
};

const amounts = {
  bytes: 2_400_000,
  readings: 1_000_000,
  segments: 300,
  unmergedSegments: 17,
  rollupBytes: 600_000,
  oldest: '2026-01-01T00:00:00Z',
  newest: '2026-01-31T23:59:59Z',
};

function stored(part: Record<string, unknown> = {}) {
  return {
    __typename: 'Storage',
    ...amounts,
    tier: 'PRO',
    retention: {
      __typename: 'StorageRetention',
      rawDays: 365,
      minuteDays: 1_095,
      hourDays: 3_650,
      dayDays: 7_300,
    },
    measuredAt: '2026-02-01T11:45:00Z',
    months: [{ __typename: 'StorageMonth', month: '2026-01-01T00:00:00Z', ...amounts }],
    cleanup: null,
    ...part,
  };
}

function answer(storage: unknown, role = 'ADMIN'): void {
  server.use(
    ...frameHandlers(role),
    api.query('Storage', () => HttpResponse.json({ data: { storage } })),
  );
}

it('shows what is stored, altogether and by month', async () => {
  answer(stored());
  renderPage('/storage');
  const table = within(await screen.findByRole('table', { name: 'Stored by month' }, slow));
  expect(table.getByRole('row', { name: /^Jan 2026 1,000,000 2.4 MB 2.4 600 kB 300/ })).toBeVisible();
  expect(screen.getByText(/tier Pro keeps readings for 365 days/)).toBeVisible();
  expect(screen.getByText('Rows waiting to be merged').nextSibling).toHaveTextContent('17');
});

it('cleans up after a confirmation, and shows how far it is', async () => {
  let cleanup: unknown = null;
  server.use(
    ...frameHandlers('ADMIN'),
    api.query('Storage', () => HttpResponse.json({ data: { storage: stored({ cleanup }) } })),
    api.mutation('RunStorageCleanup', () => {
      cleanup = asked;
      const storage = stored({ cleanup });
      return HttpResponse.json({
        data: { runStorageCleanup: { __typename: 'RunStorageCleanupSuccess', storage } },
      });
    }),
  );
  renderPage('/storage');
  await userEvent.click(await screen.findByRole('button', { name: 'Run clean-up' }, slow));
  const dialog = within(await screen.findByRole('dialog', { name: 'Run clean-up' }));
  expect(dialog.getByText(/older than 365 days/)).toBeVisible();
  await userEvent.click(dialog.getByRole('button', { name: 'Delete what is too old' }));
  expect(await screen.findByText(/43,200 readings deleted so far/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Cleaning up…' })).toBeDisabled();

  cleanup = { ...asked, finishedAt: '2026-02-01T12:00:05Z' };
  expect(await screen.findByText(/Last clean-up: asked for by Ada Admin/, undefined, slow)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Run clean-up' })).toBeEnabled();
});

it('keeps everything when the confirmation is declined', async () => {
  answer(stored());
  renderPage('/storage');
  await userEvent.click(await screen.findByRole('button', { name: 'Run clean-up' }, slow));
  await userEvent.click(await screen.findByRole('button', { name: 'Keep everything' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  expect(screen.getByRole('button', { name: 'Run clean-up' })).toBeEnabled();
});

it('says that nothing has been measured yet', async () => {
  const nothing = { bytes: 0, readings: 0, segments: 0, unmergedSegments: 0, rollupBytes: 0 };
  answer(stored({ ...nothing, oldest: null, newest: null, measuredAt: null, months: [] }));
  renderPage('/storage');
  expect(await screen.findByRole('heading', { name: 'Nothing has been measured yet' }, slow)).toBeVisible();
});

it('offers another try when it could not be loaded', async () => {
  let isDown = true;
  server.use(
    ...frameHandlers('ADMIN'),
    api.query('Storage', () =>
      isDown
        ? HttpResponse.json({
            errors: [{ message: 'Try again shortly.', extensions: { code: 'UNAVAILABLE' } }],
          })
        : HttpResponse.json({ data: { storage: stored() } }),
    ),
  );
  renderPage('/storage');
  expect(await screen.findByText('What is stored could not be loaded.', undefined, slow)).toBeVisible();
  isDown = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByRole('table', { name: 'Stored by month' }, slow)).toBeVisible();
});

it.each(['OPERATOR', 'VIEWER'])(
  'asks for nothing and is not in the navigation of the role %s',
  async (role) => {
    server.use(...frameHandlers(role));
    renderPage('/storage');
    expect(
      await screen.findByText(/Only an administrator can see what is stored/, undefined, slow),
    ).toBeVisible();
    const navigation = within(screen.getByRole('navigation', { name: 'Main' }));
    expect(navigation.getByRole('link', { name: 'Settings' })).toBeVisible();
    expect(navigation.queryByRole('link', { name: 'Storage' })).toBeNull();
  },
);
