import { type PartState, partStateWords } from '../model/agentState';
import { type AgentState, agentStateWords } from '../model/states';
import classes from './AgentStateMark.module.css';

type Shape = 'circle' | 'filling' | 'triangle' | 'square' | 'struck' | 'dashed';

const agentShapes: Record<AgentState, Shape> = {
  ONLINE: 'circle',
  BUFFERING: 'filling',
  DEGRADED: 'triangle',
  SILENT: 'struck',
};

const partShapes: Record<PartState, Shape> = {
  OK: 'circle',
  RECOVERABLE: 'triangle',
  PERMANENT: 'square',
  STARTING: 'dashed',
  STOPPING: 'dashed',
  STOPPED: 'struck',
  REMOVED: 'dashed',
};

function ShapePath({ shape }: { shape: Shape }) {
  switch (shape) {
    case 'circle':
      return <circle cx="12" cy="12" r="10" />;
    case 'filling':
      return (
        <>
          <circle cx="12" cy="12" r="10" />
          <path className={classes.full} d="M2 12a10 10 0 0 0 20 0Z" />
        </>
      );
    case 'triangle':
      return <path d="M12 2 22.5 21.5H1.5ZM12 9v6M12 17.5v1.5" />;
    case 'struck':
      return (
        <>
          <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />
          <path d="M5 19 19 5" />
        </>
      );
    case 'dashed':
      return <circle cx="12" cy="12" r="10" strokeDasharray="4 3" />;
    case 'square':
      return (
        <>
          <rect className={classes.full} x="2" y="2" width="20" height="20" />
          <path className={classes.sign} d="M12 6v8M12 16.5v2" />
        </>
      );
  }
}

interface MarkProps {
  shape: Shape;
  /** Left out where a sentence beside it says it. */
  word: string | null;
  isAbnormal: boolean;
}

function Mark({ shape, word, isAbnormal }: MarkProps) {
  return (
    <span className={classes.mark} data-abnormal={isAbnormal || undefined}>
      <svg aria-hidden="true" width="20" height="20" viewBox="0 0 24 24">
        <ShapePath shape={shape} />
      </svg>
      {word && <span>{word}</span>}
    </span>
  );
}

interface AgentStateMarkProps {
  state: AgentState;
  isWordless?: boolean;
}

/** An agent's state as shape and word; what is out of order is darker. */
export function AgentStateMark({ state, isWordless }: AgentStateMarkProps) {
  const isAbnormal = state === 'SILENT' || state === 'DEGRADED';
  const word = isWordless ? null : agentStateWords[state];
  return <Mark shape={agentShapes[state]} word={word} isAbnormal={isAbnormal} />;
}

/** The state of a source or of the uplink as shape and word. */
export function PartStateMark({ state }: { state: PartState }) {
  const isAbnormal = state === 'RECOVERABLE' || state === 'PERMANENT';
  return <Mark shape={partShapes[state]} word={partStateWords[state]} isAbnormal={isAbnormal} />;
}
