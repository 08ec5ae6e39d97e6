import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { AlertRowAlert } from '../model/alertFragment';

const AlertTriageQuery = graphql(
  `
    query AlertTriage($id: ID!) {
      alertTriage(id: $id) {
        alert {
          id
          value
          score
          threshold
          evidence {
            formula
            inputs
          }
          comments {
            id
            isSystem
            body
            at
            author {
              id
              fullName
            }
          }
          ...AlertRowAlert
        }
        trend {
          machineId
          metricId
          from
          to
        }
        neighbours {
          relation
          seconds
          alert {
            id
            message
            severity
            state
            machine {
              id
              name
            }
          }
        }
        previous {
          id
          message
          severity
          raisedAt
          clearedAt
          acknowledgedAt
          acknowledgeNote
          acknowledgedBy {
            id
            fullName
          }
          workOrder {
            id
            number
          }
          comments {
            id
            isSystem
            body
            at
          }
        }
      }
    }
  `,
  [AlertRowAlert],
);

/** All that helps to decide about one alert, kept up to date. */
export function useTriage(alertId: string) {
  const [{ data, error }, execute] = useLastingQuery({ query: AlertTriageQuery, variables: { id: alertId } });
  const reload = (): void => execute({ requestPolicy: 'network-only' });
  useLiveRefetch((event) => event.kind === 'alert' && event.alertId === alertId, reload);
  return { triage: data?.alertTriage, isLoaded: data !== undefined, error, reload };
}

export type Triage = NonNullable<ReturnType<typeof useTriage>['triage']>;
