import { useMutation } from 'urql';
import { graphql } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import type { ShelveWish } from '../model/shelving';

const ShelveAlert = graphql(`
  mutation ShelveAlert($input: AlertShelveInput!) {
    alertShelve(input: $input) {
      __typename
      ... on AlertShelveSuccess {
        alert {
          id
          suppression
          shelvedUntil
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const UnshelveAlert = graphql(`
  mutation UnshelveAlert($input: AlertUnshelveInput!) {
    alertUnshelve(input: $input) {
      __typename
      ... on AlertUnshelveSuccess {
        alert {
          id
          suppression
          shelvedUntil
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const DecideShelving = graphql(`
  mutation DecideShelving($input: AlertShelvingDecideInput!) {
    alertShelvingDecide(input: $input) {
      __typename
      ... on AlertShelvingDecideSuccess {
        alert {
          id
          suppression
          shelvedUntil
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const CommentAlert = graphql(`
  mutation CommentAlert($input: AlertCommentInput!) {
    alertComment(input: $input) {
      __typename
      ... on AlertCommentSuccess {
        alert {
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

const AssignAlert = graphql(`
  mutation AssignAlert($input: AlertAssignInput!) {
    alertAssign(input: $input) {
      __typename
      ... on AlertAssignSuccess {
        alert {
          id
          assignee {
            id
            fullName
          }
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const AcknowledgeAlerts = graphql(`
  mutation AcknowledgeAlerts($input: AlertsAcknowledgeInput!) {
    alertsAcknowledge(input: $input) {
      __typename
      ... on AlertsAcknowledgeSuccess {
        acknowledgedCount
        alreadyAcknowledgedCount
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type Done = Promise<UserProblem | null>;

export interface AlertActions {
  shelve: (id: string, wish: ShelveWish) => Done;
  unshelve: (id: string) => Done;
  decide: (shelfId: string, approve: boolean) => Done;
  comment: (id: string, body: string) => Done;
  assign: (id: string, assigneeId: string | null) => Done;
  acknowledgeAll: (alertIds: string[], note: string) => Done;
}

/** What people do with alerts; each answers null, or why it was refused. */
export function useAlertActions(): AlertActions {
  const [, shelve] = useMutation(ShelveAlert);
  const [, unshelve] = useMutation(UnshelveAlert);
  const [, decide] = useMutation(DecideShelving);
  const [, comment] = useMutation(CommentAlert);
  const [, assign] = useMutation(AssignAlert);
  const [, acknowledgeAll] = useMutation(AcknowledgeAlerts);
  const problemOf = (outcome: { ok: true } | { ok: false; problem: UserProblem }) =>
    outcome.ok ? null : outcome.problem;
  return {
    shelve: async (id, wish) =>
      problemOf(readOutcome(await shelve({ input: { id, ...wish } }), (data) => data.alertShelve)),
    unshelve: async (id) =>
      problemOf(readOutcome(await unshelve({ input: { id } }), (data) => data.alertUnshelve)),
    decide: async (id, approve) =>
      problemOf(readOutcome(await decide({ input: { id, approve } }), (data) => data.alertShelvingDecide)),
    comment: async (id, body) =>
      problemOf(readOutcome(await comment({ input: { id, body } }), (data) => data.alertComment)),
    assign: async (id, assigneeId) =>
      problemOf(readOutcome(await assign({ input: { id, assigneeId } }), (data) => data.alertAssign)),
    acknowledgeAll: async (alertIds, note) =>
      problemOf(
        readOutcome(
          await acknowledgeAll({ input: { alertIds, note: note.trim() || null } }),
          (data) => data.alertsAcknowledge,
        ),
      ),
  };
}
