import { useDebouncedValue } from '@mantine/hooks';
import type { CombinedError } from '@urql/core';
import { useRef } from 'react';
import { type AnyVariables, type DocumentInput, useQuery } from 'urql';

const pauseMs = 500;

export interface TrialState<Trial> {
  /** The last answer; it stays while the next one is computed. */
  trial: Trial | null;
  isRunning: boolean;
  error: CombinedError | undefined;
  run: () => void;
}

interface Trying<Data, Variables extends AnyVariables, Trial, Changes> {
  query: DocumentInput<Data, Variables>;
  /** Null while they are not numbers. */
  changes: Changes | null;
  variables: (settings: Changes) => Variables;
  read: (data: Data) => Trial | null;
}

/** Tries settings on stored readings, shortly after they were last changed. */
export function useTrial<Data, Variables extends AnyVariables, Trial, Changes extends object>({
  query,
  changes,
  variables,
  read,
}: Trying<Data, Variables, Trial, Changes>): TrialState<Trial> {
  const asked = JSON.stringify(changes);
  const [settled] = useDebouncedValue(asked, pauseMs);
  const [{ data, fetching, error }, execute] = useQuery<Data, Variables>({
    query,
    variables: variables((JSON.parse(settled) ?? {}) as Changes),
    pause: settled === 'null',
  });
  const last = useRef<Trial | null>(null);
  const found = data ? read(data) : null;
  if (found) {
    last.current = found;
  }
  const isRunning = fetching || settled !== asked;
  return {
    trial: error ? null : (found ?? last.current),
    isRunning,
    error,
    run: () => execute({ requestPolicy: 'network-only' }),
  };
}
