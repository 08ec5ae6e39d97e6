import { expect, it } from 'vitest';
import { minutesAfterAlert, repeatText, scopeText, targetText, waitText } from './policy';
import { newStep, policyProblems, stepProblems, toPolicyDraft, toPolicyInput } from './policyDraft';

it('says when each step is told', () => {
  expect(minutesAfterAlert([{ waitMinutes: 5 }, { waitMinutes: 0 }, { waitMinutes: 25 }])).toEqual([
    5, 5, 30,
  ]);
  expect([0, 5, 60, 90, 1440].map(waitText)).toEqual(['at once', '5 min', '1 h', '1 h 30 min', '24 h']);
});

it('says how often the chain begins again', () => {
  expect(repeatText({ rounds: 1, repeatAfterMinutes: 15 })).toBeNull();
  expect(repeatText({ rounds: 2, repeatAfterMinutes: 15 })).toBe('again once, 15 min after the last step');
  expect(repeatText({ rounds: 4, repeatAfterMinutes: 60 })).toBe('again 3 times, 1 h after the last step');
});

it('says for which alerts a policy is', () => {
  const names = new Map([['m1', 'Press 7']]);
  expect(scopeText({ severities: [], sites: [], machineIds: [] }, names)).toBe('all alerts');
  expect(
    scopeText({ severities: ['CRITICAL', 'WARNING'], sites: ['Hall 1'], machineIds: ['m1', 'gone'] }, names),
  ).toBe('critical and warning alerts of Press 7, a machine in Hall 1');
});

it('calls what is gone so', () => {
  expect(targetText({ kind: 'ROTATION', name: 'Nights' })).toBe('Nights (on call)');
  expect(targetText({ kind: 'CHANNEL', name: null })).toBe('Deleted (channel)');
});

it('finds what keeps a policy from being saved', () => {
  const draft = toPolicyDraft(null);
  expect(Object.keys(policyProblems(draft))).toEqual(['name', 'steps']);
  const target = { kind: 'USER' as const, id: 'u1', name: 'Olga' };
  const complete = { ...draft, name: 'Nights', steps: [newStep(5, [target])] };
  expect(policyProblems(complete)).toEqual({});
  expect(stepProblems({ ...newStep(5, [target]), waitMinutes: '1441' })).toHaveProperty('waitMinutes');
  expect(policyProblems({ ...complete, rounds: '11' })).toHaveProperty('rounds');
});

it('sends steps by kind of target, and keeps machines that the form does not show', () => {
  const targets = [
    { kind: 'CHANNEL' as const, id: 'c1', name: 'Pager' },
    { kind: 'ROTATION' as const, id: 'r1', name: 'Nights' },
  ];
  const draft = {
    ...toPolicyDraft(null),
    name: ' P ',
    sites: 'Hall 1, ,Hall 2',
    machineId: 'm1',
    steps: [newStep(5, targets)],
  };
  expect(toPolicyInput(draft, ['m1', 'm2'])).toMatchObject({
    name: 'P',
    sites: ['Hall 1', 'Hall 2'],
    machineIds: ['m1', 'm2'],
    steps: [{ waitMinutes: 5, channelIds: ['c1'], userIds: [], rotationIds: ['r1'] }],
  });
  expect(toPolicyInput({ ...draft, machineId: '' }, ['m1', 'm2']).machineIds).toEqual([]);
});
