import { expect, it } from 'vitest';
import { isGroup, newGroup, newLeaf } from './conditions';
import { typedNumbers } from './overrides';
import { newRule, nodeDraft } from './ruleDraft';
import { readRule } from './ruleInput';

const nested = {
  anyOf: {
    key: '',
    forSeconds: 0,
    count: 1,
    withinSeconds: 0,
    conditions: [
      {
        comparison: {
          key: 'c1',
          metric: 'vibration_rms',
          machineId: null,
          operator: 'AT_LEAST',
          threshold: 5,
          clear: 4.5,
          forSeconds: 300,
          count: 1,
          withinSeconds: 0,
        },
      },
      {
        allOf: {
          key: '',
          forSeconds: 60,
          count: 3,
          withinSeconds: 600,
          conditions: [
            {
              machineState: {
                key: 'c2',
                machineId: 'machine-2',
                states: ['CRITICAL'],
                forSeconds: 0,
                count: 1,
                withinSeconds: 0,
              },
            },
            {
              machineRunning: {
                key: 'c3',
                machineId: null,
                isRunning: false,
                forSeconds: 0,
                count: 1,
                withinSeconds: 0,
              },
            },
            {
              machineService: {
                key: 'c4',
                machineId: null,
                isInService: false,
                forSeconds: 60,
                count: 1,
                withinSeconds: 0,
              },
            },
          ],
        },
      },
    ],
  },
};

function input(condition: unknown) {
  const node = nodeDraft(condition);
  const group = isGroup(node) ? node : newGroup([node]);
  return readRule({ ...newRule(), levels: [{ severity: 'WARNING', condition: group }] });
}

it('sends a stored condition as it came', () => {
  const { input: sent, problems } = input(nested);
  expect(sent.levels[0]?.condition).toEqual(nested);
  expect(problems).toEqual({});
});

it('says beside which field a number or duration is none', () => {
  const leaf = newLeaf('c1', { metric: 'flow', threshold: 'much', held: 'a while' });
  const { problems } = readRule({
    ...newRule(),
    levels: [{ severity: 'INFO', condition: newGroup([leaf]) }],
    offDelay: 'later',
  });
  expect(Object.keys(problems).sort()).toEqual([
    'levels.0.condition.conditions.0.forSeconds',
    'levels.0.condition.conditions.0.threshold',
    'offDelaySeconds',
  ]);
});

it('sends the numbers that a machine has otherwise, and those alone', () => {
  const parts = [
    newLeaf('c1', { metric: 'flow', threshold: '5', clear: '4' }),
    newLeaf('c2', { kind: 'noData' }),
    newLeaf('c3', { kind: 'machineRunning', held: '5 min' }),
  ];
  const numbers = {
    'c1.threshold': '7,5',
    'c1.clear': '6',
    'c2.seconds': '2 min',
    'c3.forSeconds': '1 h',
    'c9.high': '1',
  };
  const { input: sent } = readRule({
    ...newRule(),
    scope: 'kind',
    levels: [{ severity: 'INFO', condition: newGroup(parts) }],
    overrides: { 'machine-1': { isEnabled: false, numbers } },
  });
  expect(sent.overrides).toEqual([
    {
      machineId: 'machine-1',
      isEnabled: false,
      numbers: [
        { key: 'c1', threshold: 7.5, clear: 6 },
        { key: 'c2', seconds: 120 },
        { key: 'c3', forSeconds: 3600 },
      ],
    },
  ]);
});

it('keeps every number that a machine has otherwise', () => {
  const none = { threshold: null, clear: null, low: null, high: null, seconds: null, forSeconds: null };
  const stored = [
    { ...none, key: 'c1', low: 1, high: 2.5 },
    { ...none, key: 'g1', forSeconds: 0 },
  ];
  const typed = typedNumbers(stored);
  expect(typed).toEqual({ 'c1.low': '1', 'c1.high': '2.5', 'g1.forSeconds': '0 s' });
  const parts = [newLeaf('c1', { kind: 'range', metric: 'flow', low: '0', high: '9' })];
  const { input: sent } = readRule({
    ...newRule(),
    scope: 'kind',
    levels: [{ severity: 'INFO', condition: newGroup(parts, { key: 'g1' }) }],
    overrides: { 'machine-1': { isEnabled: true, numbers: typed } },
  });
  expect(sent.overrides?.[0]?.numbers).toEqual([
    { key: 'g1', forSeconds: 0 },
    { key: 'c1', low: 1, high: 2.5 },
  ]);
});
