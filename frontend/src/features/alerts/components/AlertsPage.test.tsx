import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { alertNode, api, connection, frameHandlers, session } from '~/testing/api';
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

function answerAlerts(...nodes: unknown[]): void {
  server.use(api.query('AlertList', () => HttpResponse.json({ data: { alerts: connection(nodes) } })));
}

describe('the alerts page', () => {
  it('acknowledges the selected alert with the keyboard and sends the note and the guard header', async () => {
    const sent: unknown[] = [];
    let header: string | null = null;
    server.use(
      ...frameHandlers(),
      api.mutation('AcknowledgeAlert', ({ variables, request }) => {
        sent.push(variables.input);
        header = request.headers.get('X-Plantwright-Client');
        const alert = { __typename: 'Alert', id: 'alert-1', state: 'ACTIVE_ACKNOWLEDGED' };
        return HttpResponse.json({
          data: { alertAcknowledge: { __typename: 'AlertAcknowledgeSuccess', alert } },
        });
      }),
    );
    answerAlerts(alertNode());
    renderPage('/alerts');
    await screen.findByText(/11.5 standard deviations/, undefined, slow);
    await userEvent.keyboard('ja');
    const dialog = await screen.findByRole('dialog', { name: 'Acknowledge alert' });
    await userEvent.type(
      within(dialog).getByRole('textbox', { name: 'Note (optional)' }),
      'Bearing is hot{Enter}',
    );
    await waitFor(() => expect(sent).toEqual([{ id: 'alert-1', note: 'Bearing is hot', outcome: null }]));
    expect(header).toBe('spa');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  });

  it('shows why an acknowledgement was refused and keeps the dialog', async () => {
    const refusal = { __typename: 'Conflict', message: 'Somebody else was faster.', path: ['id'] };
    server.use(
      ...frameHandlers(),
      api.mutation('AcknowledgeAlert', () => HttpResponse.json({ data: { alertAcknowledge: refusal } })),
    );
    answerAlerts(alertNode());
    renderPage('/alerts');
    await userEvent.click(await screen.findByRole('button', { name: 'Acknowledge' }, slow));
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Acknowledge' }));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Somebody else was faster.');
  });

  it('does not offer a work order to a viewer', async () => {
    server.use(...frameHandlers('VIEWER'));
    answerAlerts(alertNode());
    renderPage('/alerts');
    expect(await screen.findByRole('button', { name: 'Acknowledge' }, slow)).toBeVisible();
    await userEvent.click(screen.getByRole('button', { name: /User menu/ }));
    await screen.findByText(/Viewer/);
    expect(screen.queryByRole('button', { name: 'Create work order' })).toBeNull();
  });

  it('shows an alert about an agent without what only a machine has', async () => {
    server.use(...frameHandlers());
    answerAlerts(
      alertNode({
        cause: 'AGENT_SILENT',
        severity: 'WARNING',
        message: 'Agent hall-3 has not been heard of since 2026-01-01 11:57:00 UTC',
        metric: null,
        unit: 's',
        machine: null,
        agent: { __typename: 'Agent', id: 'agent-1', name: 'hall-3' },
      }),
    );
    const page = renderPage('/alerts');
    const row = (await screen.findByText(/has not been heard of/, undefined, slow)).closest('li');
    expect(row).not.toBeNull();
    const shown = within(row as HTMLLIElement);
    expect(shown.getByText('hall-3')).toBeVisible();
    expect(shown.getByText('Silent agent')).toBeVisible();
    expect(shown.getByRole('button', { name: 'Acknowledge' })).toBeVisible();
    expect(shown.queryByRole('link', { name: 'Show moment' })).toBeNull();
    expect(shown.queryByRole('button', { name: 'Create work order' })).toBeNull();
    await userEvent.keyboard('j');
    screen.getByRole('list', { name: 'Alerts' }).focus();
    await userEvent.keyboard('{Enter}');
    expect(page.location()).toBe('/alerts');
  });

  it('puts a pressed filter into the URL and asks the server for it', async () => {
    const asked: unknown[] = [];
    server.use(
      ...frameHandlers(),
      api.query('AlertList', ({ variables }) => {
        asked.push(variables.filter.severity);
        return HttpResponse.json({ data: { alerts: connection([]) } });
      }),
    );
    const page = renderPage('/alerts');
    const group = await screen.findByRole('group', { name: 'Severity' }, slow);
    await userEvent.click(within(group).getByRole('button', { name: 'Critical' }));
    await waitFor(() => expect(asked.at(-1)).toEqual(['CRITICAL']));
    expect(page.location()).toBe('/alerts?severity=CRITICAL');
    expect(await screen.findByRole('heading', { name: 'No alert matches' })).toBeVisible();
  });

  it('narrows the list to an agent, also to one that the list of names does not hold', async () => {
    const asked: unknown[] = [];
    server.use(
      api.query('AgentNames', () =>
        HttpResponse.json({
          data: { agents: { nodes: [{ __typename: 'Agent', id: 'agent-1', name: 'hall-3' }] } },
        }),
      ),
      ...frameHandlers(),
      api.query('AlertList', ({ variables }) => {
        asked.push(variables.filter.agentId);
        return HttpResponse.json({ data: { alerts: connection([]) } });
      }),
    );
    const page = renderPage('/alerts?agent=agent-9');
    const choice = await screen.findByRole('combobox', { name: 'Agent' }, slow);
    await waitFor(() => expect(asked).toEqual(['agent-9']));
    expect(choice).toHaveDisplayValue('The agent of this link');
    await userEvent.selectOptions(choice, await within(choice).findByRole('option', { name: 'hall-3' }));
    await waitFor(() => expect(asked.at(-1)).toBe('agent-1'));
    expect(page.location()).toBe('/alerts?agent=agent-1');
    await userEvent.selectOptions(choice, 'All agents');
    await waitFor(() => expect(asked.at(-1)).toBeNull());
  });

  it('says what happened when the server fails, and recovers on retry', async () => {
    server.use(
      ...frameHandlers(),
      api.query('AlertList', () => new HttpResponse(null, { status: 503 })),
    );
    renderPage('/alerts');
    expect(await screen.findByRole('alert', undefined, slow)).toHaveTextContent(
      'The alerts could not be loaded.',
    );
    answerAlerts(alertNode());
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText(/11.5 standard deviations/)).toBeVisible();
  });

  it('goes to the sign-in and keeps the address when the token is refused', async () => {
    const error = { message: 'Sign in first.', extensions: { code: 'UNAUTHENTICATED' } };
    server.use(
      ...frameHandlers(),
      api.query('AlertList', () => HttpResponse.json({ errors: [error] })),
    );
    const page = renderPage('/alerts?severity=CRITICAL');
    expect(await screen.findByRole('form', { name: 'Sign in' }, slow)).toBeVisible();
    expect(decodeURIComponent(page.location())).toContain('/alerts?severity=CRITICAL');
  });
});
