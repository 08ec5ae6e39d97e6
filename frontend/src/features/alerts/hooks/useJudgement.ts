import { useEffect } from 'react';
import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import type { AlertOutcome } from '../model/outcome';

const OpenAlert = graphql(`
  mutation OpenAlert($input: AlertOpenInput!) {
    alertOpen(input: $input) {
      __typename
    }
  }
`);

const JudgeAlert = graphql(`
  mutation JudgeAlert($input: AlertJudgeInput!) {
    alertJudge(input: $input) {
      __typename
      ... on AlertJudgeSuccess {
        alert {
          id
          outcome
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

/** Tells the server that somebody looks at the alert. Nothing of the alert is asked for, so nothing is fetched again. */
export function useAlertOpened(id: string): void {
  const [, open] = useMutation(OpenAlert);
  useEffect(() => {
    // Whether it was noted is nothing that the person who looks has to know.
    void open({ input: { id } });
  }, [id, open]);
}

/** Says what an alert turned out to be; answers null, or why it was refused. */
export function useJudge(): (id: string, outcome: AlertOutcome | null) => Promise<UserProblem | null> {
  const [, judge] = useMutation(JudgeAlert);
  return async (id, outcome) => {
    const read = readOutcome(await judge({ input: { id, outcome } }), (data) => data.alertJudge);
    return read.ok ? null : read.problem;
  };
}
