import { screen, within } from '@testing-library/react';
import { HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { endSession, startSession } from '~/lib/session';
import { api, connection, frameHandlers, session } from '~/testing/api';
import { renderPage } from '~/testing/renderPage';

const server = setupServer();

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function record(sequence: number, action: string, payload: Record<string, unknown>) {
  return {
    __typename: 'AuditRecord',
    sequence,
    previousHash: '0'.repeat(64),
    rowHash: '1'.repeat(64),
    actorName: 'Ada Admin',
    action,
    resourceType: action.split('.')[0],
    resourceId: 'resource-1',
    payload,
    createdAt: '2026-03-01T12:00:00Z',
  };
}

it('leads from a record to the agent or the source it is about, unless that is gone', async () => {
  const agent = { agent_id: 'agent-1', name: 'hall-3' };
  const source = { source_id: 'source-1', name: 'press' };
  const records = [
    record(3, 'ingest_source.paused', source),
    record(2, 'agent.removed', agent),
    record(1, 'agent.silent', agent),
  ];
  server.use(
    ...frameHandlers('ADMIN'),
    api.query('AuditTrail', () => HttpResponse.json({ data: { auditRecords: connection(records) } })),
  );
  renderPage('/audit');
  const [paused, removed, silent] = (
    await screen.findAllByRole('button', { name: /Show the payload/ }, { timeout: 10_000 })
  ).map((button) => within(button.closest('tr') as HTMLTableRowElement));
  expect(paused?.getByText('Source paused')).toBeVisible();
  expect(paused?.getByRole('link', { name: 'press' })).toHaveAttribute('href', '/sources/source-1');
  expect(silent?.getByText('Agent fell silent')).toBeVisible();
  expect(silent?.getByRole('link', { name: 'hall-3' })).toHaveAttribute('href', '/agents/agent-1');
  expect(removed?.getByText('hall-3')).toBeVisible();
  expect(removed?.queryByRole('link')).toBeNull();
});
