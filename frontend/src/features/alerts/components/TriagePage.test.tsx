import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { alertNode, api, frameHandlers, session } from '~/testing/api';
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

const rules = api.query('ShelvingRules', () =>
  HttpResponse.json({
    data: {
      alertSettings: {
        endOfShift: '2026-01-01T14:00:00Z',
        longestShelving: [{ severity: 'WARNING', minutes: 1440, needsSecondPerson: false }],
      },
    },
  }),
);
const people = api.query('People', () => HttpResponse.json({ data: { users: [] } }));

/** About a whole machine, so that nothing is drawn on a canvas. */
function answerTriage(part: Record<string, unknown> = {}): void {
  const alert = {
    ...alertNode({ cause: 'RULE', severity: 'WARNING', metric: null, message: 'Hot and shaking', ...part }),
    score: 1,
    threshold: 1,
    evidence: { formula: 'heat and vibration', inputs: { rule: 'Hot and shaking' } },
    comments: [
      {
        id: 'journal-1',
        isSystem: true,
        body: 'Raised as warning.',
        at: '2026-01-01T12:00:00Z',
        author: null,
      },
    ],
  };
  const earlier = {
    ...alertNode({ id: 'alert-0', acknowledgedAt: '2025-12-01T12:00:00Z', acknowledgeNote: 'Greased it' }),
    acknowledgedBy: { __typename: 'User', id: 'user-2', fullName: 'Paul' },
    comments: [],
  };
  const neighbour = {
    relation: 'SAME_GROUP',
    seconds: 30,
    alert: alertNode({ id: 'alert-2', message: 'Flow is low' }),
  };
  server.use(
    api.query('AlertTriage', () =>
      HttpResponse.json({
        data: { alertTriage: { alert, trend: null, neighbours: [neighbour], previous: [earlier] } },
      }),
    ),
  );
}

describe('the page of one alert', () => {
  it('tells once that somebody looks, and takes a judgement', async () => {
    const opened: unknown[] = [];
    const judged: unknown[] = [];
    server.use(
      api.mutation('OpenAlert', ({ variables }) => {
        opened.push(variables.input);
        return HttpResponse.json({ data: { alertOpen: { __typename: 'AlertOpenSuccess' } } });
      }),
      api.mutation('JudgeAlert', ({ variables }) => {
        judged.push(variables.input);
        const alert = { __typename: 'Alert', id: 'alert-1', outcome: 'FALSE_ALARM' };
        return HttpResponse.json({ data: { alertJudge: { __typename: 'AlertJudgeSuccess', alert } } });
      }),
      ...frameHandlers('VIEWER'),
      people,
    );
    answerTriage();
    renderPage('/alerts/alert-1');
    const select = await screen.findByRole('combobox', { name: 'What it turned out to be' }, slow);
    await userEvent.selectOptions(select, 'Judged: false alarm: nothing was wrong');
    await waitFor(() => expect(judged).toEqual([{ id: 'alert-1', outcome: 'FALSE_ALARM' }]));
    expect(opened).toEqual([{ id: 'alert-1' }]);
  });

  it('tells why, what is beside it, and what was done the last time', async () => {
    server.use(...frameHandlers(), people);
    answerTriage();
    renderPage('/alerts/alert-1');
    const last = await screen.findByRole('region', { name: 'What was done last time' }, slow);
    expect(last).toHaveTextContent('Paul acknowledged: “Greased it”');
    expect(screen.getByRole('region', { name: 'Why' })).toHaveTextContent('heat and vibration');
    expect(screen.getByRole('region', { name: 'Beside it' })).toHaveTextContent(/30 s afterSame group/);
    expect(screen.getByRole('region', { name: 'Story' })).toHaveTextContent('Raised as warning.');
  });

  it('shelves by keyboard, with a reason', async () => {
    const sent: unknown[] = [];
    server.use(
      ...frameHandlers(),
      people,
      rules,
      api.mutation('ShelveAlert', ({ variables }) => {
        sent.push(variables.input);
        const alert = { __typename: 'Alert', id: 'alert-1', suppression: ['SHELVED'], shelvedUntil: null };
        return HttpResponse.json({ data: { alertShelve: { __typename: 'AlertShelveSuccess', alert } } });
      }),
    );
    answerTriage();
    renderPage('/alerts/alert-1');
    await screen.findByRole('button', { name: 'Shelve' }, slow);
    await userEvent.keyboard('s');
    const dialog = await screen.findByRole('dialog', { name: 'Shelve alert' });
    await userEvent.selectOptions(within(dialog).getByRole('combobox', { name: 'For how long' }), '4 hours');
    await userEvent.type(within(dialog).getByRole('textbox', { name: 'Reason' }), 'Known');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Shelve' }));
    await waitFor(() =>
      expect(sent).toEqual([
        { id: 'alert-1', kind: 'TIMED', minutes: 240, untilEndOfShift: false, reason: 'Known' },
      ]),
    );
  });

  it('says what is put aside in words, and does not flash then', async () => {
    server.use(...frameHandlers(), people);
    answerTriage({
      suppression: ['SHELVED', 'SUPPRESSED_BY_DESIGN'],
      designReasons: ['MACHINE_STOPPED'],
      shelvedUntil: '2026-01-01T16:00:00Z',
      shelf: { __typename: 'AlertShelf', id: 's', state: 'IN_FORCE', reason: 'Known', requestedBy: null },
    });
    renderPage('/alerts/alert-1');
    const head = await screen.findByRole('region', { name: 'The alert' }, slow);
    expect(head).toHaveTextContent(/Shelved until .*: Known/);
    expect(head).toHaveTextContent('Suppressed by design: the machine is stopped');
    expect(head.querySelector('[data-unacknowledged]')).toBeNull();
    expect(within(head).getByRole('button', { name: 'Take off the shelf' })).toBeVisible();
  });

  it('offers a viewer no buttons that would be refused', async () => {
    server.use(...frameHandlers('VIEWER'));
    answerTriage();
    renderPage('/alerts/alert-1');
    expect(await screen.findByRole('button', { name: 'Comment' }, slow)).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Shelve' })).toBeNull();
    expect(screen.queryByRole('button', { name: 'Create work order' })).toBeNull();
  });

  it('says that there is no such alert', async () => {
    server.use(
      ...frameHandlers(),
      api.query('AlertTriage', () => HttpResponse.json({ data: { alertTriage: null } })),
    );
    renderPage('/alerts/gone');
    expect(await screen.findByRole('heading', { name: 'There is no such alert' }, slow)).toBeVisible();
  });

  it('says that it could not be loaded, and tries again', async () => {
    server.use(
      ...frameHandlers(),
      people,
      api.query('AlertTriage', () => new HttpResponse(null, { status: 503 })),
    );
    renderPage('/alerts/alert-1');
    expect(await screen.findByRole('alert', undefined, slow)).toHaveTextContent('could not be loaded');
    answerTriage();
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('Hot and shaking', { selector: 'p' })).toBeVisible();
  });
});
