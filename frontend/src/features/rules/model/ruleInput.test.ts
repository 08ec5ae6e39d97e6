import { expect, it } from 'vitest';
import { isGroup, newGroup, newLeaf } from './conditions';
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

it('sends what a machine has otherwise, by the main number of each condition', () => {
  const parts = [newLeaf('c1', { metric: 'flow', threshold: '5' }), newLeaf('c2', { kind: 'noData' })];
  const { input: sent } = readRule({
    ...newRule(),
    scope: 'kind',
    levels: [{ severity: 'INFO', condition: newGroup(parts) }],
    overrides: { 'machine-1': { isEnabled: false, numbers: { c1: '7,5', c2: '2 min', c9: '1' } } },
  });
  expect(sent.overrides).toEqual([
    {
      machineId: 'machine-1',
      isEnabled: false,
      numbers: [
        { key: 'c1', threshold: 7.5 },
        { key: 'c2', seconds: 120 },
      ],
    },
  ]);
});
