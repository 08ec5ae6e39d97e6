import { CombinedError, type OperationResult } from '@urql/core';
import { describe, expect, it } from 'vitest';
import { readOutcome } from './mutationResult';

type Answer =
  | { __typename: 'AlertAcknowledgeSuccess'; alert: { id: string } }
  | { __typename: 'Conflict'; message: string; path: string[] };
type Data = { answer: Answer };

function resultOf(part: Partial<OperationResult<Data>>): OperationResult<Data> {
  return { stale: false, hasNext: false, ...part } as OperationResult<Data>;
}

describe('readOutcome', () => {
  it('gives the success member', () => {
    const data: Data = { answer: { __typename: 'AlertAcknowledgeSuccess', alert: { id: '1' } } };
    const outcome = readOutcome(resultOf({ data }), (value) => value.answer);
    expect(outcome).toEqual({ ok: true, value: data.answer });
  });

  it('gives an expected refusal with its kind', () => {
    const data: Data = {
      answer: { __typename: 'Conflict', message: 'Changed meanwhile.', path: ['version'] },
    };
    const outcome = readOutcome(resultOf({ data }), (value) => value.answer);
    expect(outcome).toEqual({
      ok: false,
      problem: { kind: 'Conflict', message: 'Changed meanwhile.', path: ['version'] },
    });
  });

  it('turns a lost network into words', () => {
    const error = new CombinedError({ networkError: new Error('fetch failed') });
    const outcome = readOutcome(resultOf({ error }), (value) => value.answer);
    expect(outcome).toMatchObject({ ok: false, problem: { kind: 'Unreachable' } });
    expect(outcome.ok ? '' : outcome.problem.message).toMatch(/cannot be reached/);
  });
});
