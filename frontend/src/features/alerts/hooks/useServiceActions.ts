import { useMutation } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { type Outcome, readOutcome, type UserProblem } from '~/gql/mutationResult';

const TakeOutOfService = graphql(`
  mutation TakeOutOfService($input: OutOfServiceBeginInput!) {
    outOfServiceBegin(input: $input) {
      __typename
      ... on OutOfServiceBeginSuccess {
        outOfService {
          id
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const ReturnToService = graphql(`
  mutation ReturnToService($input: OutOfServiceEndInput!) {
    outOfServiceEnd(input: $input) {
      __typename
      ... on OutOfServiceEndSuccess {
        outOfService {
          id
          endedAt
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type Wish = VariablesOf<typeof TakeOutOfService>['input'];

export interface ServiceActions {
  /** Answers null, or why it was refused. */
  takeOut: (wish: Wish) => Promise<UserProblem | null>;
  giveBack: (id: string) => Promise<Outcome<unknown>>;
}

/** Takes machines and metrics out of service, and returns them. */
export function useServiceActions(): ServiceActions {
  const [, takeOut] = useMutation(TakeOutOfService);
  const [, giveBack] = useMutation(ReturnToService);
  return {
    takeOut: async (input) => {
      const outcome = readOutcome(await takeOut({ input }), (data) => data.outOfServiceBegin);
      return outcome.ok ? null : outcome.problem;
    },
    giveBack: async (id) => readOutcome(await giveBack({ input: { id } }), (data) => data.outOfServiceEnd),
  };
}
