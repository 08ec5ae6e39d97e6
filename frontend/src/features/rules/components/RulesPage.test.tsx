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

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
beforeEach(() => startSession(session));
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function rule(part: object = {}): object {
  return {
    __typename: 'AlertRule',
    id: 'rule-1',
    name: 'Bearing',
    description: '',
    isEnabled: true,
    version: 1,
    machine: { __typename: 'Machine', id: 'machine-1', name: 'Pump 1' },
    machineKind: null,
    levels: [
      { __typename: 'RuleLevel', severity: 'CRITICAL', condition: {}, words: 'vibration_rms > 5 for 5 min' },
    ],
    onDelaySeconds: 0,
    offDelaySeconds: 0,
    cooldownSeconds: 0,
    schedule: null,
    overrides: [],
    cost: 1,
    isBroken: false,
    troubles: [],
    watchedMachines: 1,
    firing: [],
    lastFiredAt: null,
    ...part,
  };
}

function answer(nodes: object[], role = 'ADMIN'): void {
  server.use(
    ...frameHandlers(role),
    api.query('AlertRules', () => HttpResponse.json({ data: { alertRules: connection(nodes) } })),
  );
}

it('shows what each rule says and does, and why one is broken', async () => {
  const trouble = { __typename: 'RuleTrouble', machineId: null, reason: 'A machine of the rule is gone.' };
  answer([
    rule(),
    rule({ id: 'rule-2', name: 'Lost', machine: null, isBroken: true, troubles: [trouble] }),
    rule({ id: 'rule-3', name: 'Resting', isEnabled: false }),
  ]);
  renderPage('/rules');
  const table = within(await screen.findByRole('table', { name: 'Rules, by name' }, slow));
  const [first, second, third] = table.getAllByRole('row').slice(1);
  expect(first).toHaveTextContent(/Watching.*Bearing.*Pump 1.*Critical: vibration_rms > 5 for 5 min.*Never/);
  expect(second).toHaveTextContent(/Broken.*A machine of the rule is gone\./);
  expect(third).toHaveTextContent(/Off.*Switch on/);
});

it('switches a rule off', async () => {
  const sent: unknown[] = [];
  answer([rule()]);
  server.use(
    api.mutation('AlertRuleSetEnabled', ({ variables }) => {
      sent.push(variables.input);
      const data = { __typename: 'AlertRuleSetEnabledSuccess', rule: rule({ isEnabled: false }) };
      return HttpResponse.json({ data: { alertRuleSetEnabled: data } });
    }),
  );
  renderPage('/rules');
  await userEvent.click(await screen.findByRole('button', { name: 'Switch Bearing off' }, slow));
  expect(sent).toEqual([{ id: 'rule-1', isEnabled: false }]);
});

it('says who makes the first rule, and offers it to administrators alone', async () => {
  answer([], 'VIEWER');
  renderPage('/rules');
  expect(await screen.findByText('An administrator makes the first rule.', {}, slow)).toBeVisible();
  expect(screen.queryByRole('link', { name: 'New rule' })).toBeNull();
});
