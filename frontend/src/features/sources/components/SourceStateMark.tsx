import { StateMark, type StateShape } from '~/ui/StateMark';
import type { SourceState } from '../model/sourceFragment';
import { stateWords } from '../model/state';

const shapes: Record<SourceState, StateShape> = {
  OK: 'circle',
  STARTING: 'clock',
  WAITING: 'clock',
  PAUSED: 'bars',
  RECOVERABLE: 'triangle',
  PERMANENT: 'square',
  UNMAPPED: 'struck',
  SWITCHED_OFF: 'struck',
};

/** What a source does, as shape and words. */
export function SourceStateMark({ state }: { state: SourceState }) {
  const isAbnormal = state === 'RECOVERABLE' || state === 'PERMANENT';
  return <StateMark shape={shapes[state]} word={stateWords[state]} isAbnormal={isAbnormal} />;
}
