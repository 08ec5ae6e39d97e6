import type { CombinedError } from '@urql/core';
import { useCallback, useEffect, useState } from 'react';
import { useClient } from 'urql';
import { graphql, type ResultOf } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { HealthChangesChange } from '../components/HealthChanges';
import { type HealthWindow, healthWindows } from '../model/health';

const HealthHistoryOfMachine = graphql(
  `
    query HealthHistoryOfMachine($machineId: ID!, $from: DateTime!, $to: DateTime!) {
      machineHealthHistory(machineId: $machineId, from: $from, to: $to, maxPoints: 400) {
        from
        to
        startScore
        isReduced
        points {
          at
          score
          lowest
          highest
        }
        changes(first: 20) {
          ...HealthChangesChange
        }
      }
    }
  `,
  [HealthChangesChange],
);

type History = NonNullable<ResultOf<typeof HealthHistoryOfMachine>['machineHealthHistory']>;

interface Answer {
  question: string;
  /** In ms. */
  from: number;
  to: number;
  history: History | null;
  error: CombinedError | undefined;
}

/** The score over a window that ends now; what is known stays while it is asked again. */
export function useHealthHistory(machineId: string, window: HealthWindow) {
  const client = useClient();
  const question = `${machineId} ${window}`;
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [revision, setRevision] = useState(0);
  const reload = useCallback(() => setRevision((value) => value + 1), []);
  useLiveRefetch((event) => event.kind !== 'resumed' && event.machineId === machineId, reload);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` asks for the same again
  useEffect(() => {
    let isCurrent = true;
    const to = Date.now();
    const from = to - healthWindows[window].ms;
    const variables = { machineId, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    const load = async (): Promise<void> => {
      const { data, error } = await client
        .query(HealthHistoryOfMachine, variables, { requestPolicy: 'network-only' })
        .toPromise();
      if (isCurrent) {
        const history = data?.machineHealthHistory ?? null;
        setAnswer((old) =>
          history === null && old?.question === question && old.history
            ? old
            : { question, from, to, history, error },
        );
      }
    };
    void load();
    return () => {
      isCurrent = false;
    };
  }, [client, machineId, window, question, revision]);

  return { answer: answer?.question === question ? answer : null, reload };
}
