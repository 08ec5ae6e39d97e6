import { useDebouncedValue } from '@mantine/hooks';
import type { CombinedError } from '@urql/core';
import { useRef } from 'react';
import { useQuery } from 'urql';
import type { Detection } from '~/features/settings/model/detection';
import { type Trial, TrialQuery } from '../model/trial';

const pauseMs = 500;

export interface TrialState {
  /** The last answer; it stays while the next one is computed. */
  trial: Trial | null;
  isRunning: boolean;
  error: CombinedError | undefined;
  run: () => void;
}

/** Tries settings on stored readings, shortly after they were last changed; null while they are not numbers. */
export function useTrial(
  metricId: string,
  period: { from: string; to: string },
  changes: Partial<Detection> | null,
): TrialState {
  const asked = JSON.stringify(changes);
  const [settled] = useDebouncedValue(asked, pauseMs);
  const [{ data, fetching, error }, execute] = useQuery({
    query: TrialQuery,
    variables: { metricId, ...period, settings: JSON.parse(settled) as Partial<Detection> },
    pause: settled === 'null',
  });
  const last = useRef<Trial | null>(null);
  const found = data?.detectionTrial ?? null;
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
