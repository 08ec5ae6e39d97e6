import type { OperationResult } from '@urql/core';
import { describeRequestError } from './errorText';

/** An expected refusal, as the schema's `UserError` types carry it. */
export interface UserProblem {
  kind: string;
  message: string;
  path: readonly string[];
}

export type Outcome<Success> = { ok: true; value: Success } | { ok: false; problem: UserProblem };

interface ErrorMember {
  __typename: string;
  message: string;
  path: readonly string[];
}

type Typed = { __typename: string };
type SuccessMember<Member> = Member extends ErrorMember ? never : Member;

function isErrorMember(member: Typed): member is ErrorMember {
  return 'message' in member && 'path' in member;
}

/**
 * Reads the union of a mutation by its `__typename`: one success member, or an expected refusal.
 *
 * A transport failure becomes a problem of the kind `Unreachable`, so a form needs one branch only.
 */
export function readOutcome<Data, Member extends Typed>(
  result: OperationResult<Data>,
  pick: (data: Data) => Member,
): Outcome<SuccessMember<Member>> {
  if (result.error || !result.data) {
    const words = result.error ? describeRequestError(result.error) : undefined;
    const message = words ? `${words.title} ${words.advice}` : 'The server sent an empty answer. Try again.';
    return { ok: false, problem: { kind: 'Unreachable', message, path: [] } };
  }
  const member = pick(result.data);
  if (isErrorMember(member)) {
    return { ok: false, problem: { kind: member.__typename, message: member.message, path: member.path } };
  }
  return { ok: true, value: member as SuccessMember<Member> };
}
