import { useCallback } from 'react';
import { type CombinedError, useClient } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { type NotificationRoute, RouteFields } from '../model/routeFragment';

const RouteList = graphql(
  `
    query NotificationRouteList {
      notificationRoutes {
        ...RouteFields
      }
    }
  `,
  [RouteFields],
);

const CreateRoute = graphql(`
  mutation CreateNotificationRoute($input: CreateNotificationRouteInput!) {
    createNotificationRoute(input: $input) {
      __typename
      ... on CreateNotificationRouteSuccess {
        route {
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

const UpdateRoute = graphql(`
  mutation UpdateNotificationRoute($input: UpdateNotificationRouteInput!) {
    updateNotificationRoute(input: $input) {
      __typename
      ... on UpdateNotificationRouteSuccess {
        route {
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

const DeleteRoute = graphql(`
  mutation DeleteNotificationRoute($input: DeleteNotificationRouteInput!) {
    deleteNotificationRoute(input: $input) {
      __typename
      ... on DeleteNotificationRouteSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

type RouteInput = VariablesOf<typeof CreateRoute>['input'];

interface Routes {
  routes: readonly NotificationRoute[] | undefined;
  error: CombinedError | undefined;
  refetch: () => void;
  /** Without an id a new one; answers null, or why it was refused. */
  save: (id: string | null, input: RouteInput) => Promise<UserProblem | null>;
  remove: (id: string) => Promise<UserProblem | null>;
}

/** The tenant's routes, and what can be done with them. */
export function useRoutes(): Routes {
  const client = useClient();
  const [{ data, error }, execute] = useLastingQuery({ query: RouteList, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const save = async (id: string | null, input: RouteInput): Promise<UserProblem | null> => {
    const outcome = id
      ? readOutcome(
          await client.mutation(UpdateRoute, { input: { ...input, id } }),
          (answer) => answer.updateNotificationRoute,
        )
      : readOutcome(
          await client.mutation(CreateRoute, { input }),
          (answer) => answer.createNotificationRoute,
        );
    refetch();
    return outcome.ok ? null : outcome.problem;
  };
  const remove = async (id: string): Promise<UserProblem | null> => {
    const result = await client.mutation(DeleteRoute, { input: { id } });
    const outcome = readOutcome(result, (answer) => answer.deleteNotificationRoute);
    refetch();
    return outcome.ok ? null : outcome.problem;
  };
  return { routes: data?.notificationRoutes, error, refetch, save, remove };
}
