import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

const RenameAgent = graphql(`
  mutation RenameAgent($input: AgentRenameInput!) {
    agentRename(input: $input) {
      __typename
      ... on AgentRenameSuccess {
        agent {
          id
          name
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const RemoveAgent = graphql(`
  mutation RemoveAgent($input: AgentRemoveInput!) {
    agentRemove(input: $input) {
      __typename
      ... on AgentRemoveSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

/** Calls an agent otherwise, or, with no name, as it calls itself; answers null, or why it was refused. */
export function useRenameAgent(): (id: string, name: string) => Promise<UserProblem | null> {
  const [, rename] = useMutation(RenameAgent);
  return async (id, name) => {
    const outcome = readOutcome(
      await rename({ input: { id, name: name.trim() || null } }),
      (d) => d.agentRename,
    );
    return outcome.ok ? null : outcome.problem;
  };
}

/** Forgets an agent and its gaps; answers null, or why it was refused. */
export function useRemoveAgent(): (id: string) => Promise<UserProblem | null> {
  const [, remove] = useMutation(RemoveAgent);
  return async (id) => {
    const outcome = readOutcome(await remove({ input: { id } }), (data) => data.agentRemove);
    return outcome.ok ? null : outcome.problem;
  };
}
