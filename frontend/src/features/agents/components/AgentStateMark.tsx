import { StateMark, type StateShape } from '~/ui/StateMark';
import { type PartState, partStateWords } from '../model/agentState';
import { type AgentState, agentStateWords } from '../model/states';

const agentShapes: Record<AgentState, StateShape> = {
  ONLINE: 'circle',
  BUFFERING: 'filling',
  DEGRADED: 'triangle',
  SILENT: 'struck',
};

const partShapes: Record<PartState, StateShape> = {
  OK: 'circle',
  RECOVERABLE: 'triangle',
  PERMANENT: 'square',
  STARTING: 'dashed',
  STOPPING: 'dashed',
  STOPPED: 'struck',
  REMOVED: 'dashed',
};

interface AgentStateMarkProps {
  state: AgentState;
  isWordless?: boolean;
}

/** An agent's state as shape and word; what is out of order is darker. */
export function AgentStateMark({ state, isWordless }: AgentStateMarkProps) {
  const isAbnormal = state === 'SILENT' || state === 'DEGRADED';
  const word = isWordless ? null : agentStateWords[state];
  return <StateMark shape={agentShapes[state]} word={word} isAbnormal={isAbnormal} />;
}

/** The state of a source or of the uplink as shape and word. */
export function PartStateMark({ state }: { state: PartState }) {
  const isAbnormal = state === 'RECOVERABLE' || state === 'PERMANENT';
  return <StateMark shape={partShapes[state]} word={partStateWords[state]} isAbnormal={isAbnormal} />;
}
