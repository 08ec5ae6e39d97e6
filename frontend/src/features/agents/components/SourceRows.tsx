import { formatCount, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Age } from '~/ui/Age';
import { adviseOnSource } from '../model/advice';
import type { AgentSource } from '../model/agentFragment';
import { isTroubled } from '../model/agentState';
import { protocolWord, serverTime } from '../model/figures';
import { AdviceText } from './AdviceText';
import { PartStateMark } from './AgentStateMark';
import classes from './SourceTable.module.css';

const columns = 7;

function Loss({ count }: { count: number }) {
  return <td data-number>{count > 0 ? <strong>{formatCount(count)}</strong> : '0'}</td>;
}

interface SourceRowsProps {
  source: AgentSource;
  clockOffsetMs: number | null;
}

/** A source's figures, and below them its last error and what to do about it. */
export function SourceRows({ source, clockOffsetMs }: SourceRowsProps) {
  const now = useNow();
  const advice = adviseOnSource(source);
  const isInTrouble = isTroubled(source.state);
  const { lastError, lastErrorAt } = source;
  return (
    <tbody className={classes.body}>
      <tr>
        <td>
          <PartStateMark state={source.state} />
        </td>
        <th scope="row" className={classes.name}>
          {source.name}
          <span className={classes.protocol}>{protocolWord(source.protocol)}</span>
        </th>
        <td data-number>
          <Age time={source.lastReading} isStale={source.state !== 'OK'} />
        </td>
        <td data-number>{formatCount(source.depth)}</td>
        <Loss count={source.dropped} />
        <Loss count={source.gaps} />
        <Loss count={source.deadLetters} />
      </tr>
      {(lastError || advice) && (
        <tr>
          <td colSpan={columns} className={classes.more}>
            {lastError && (
              <p className={isInTrouble ? undefined : 'pw-dim'}>
                {isInTrouble ? 'Error' : 'Last error, over now'}
                {lastErrorAt && `, ${formatSpan(now - serverTime(lastErrorAt, clockOffsetMs))} ago`}:{' '}
                {lastError}
              </p>
            )}
            {advice && (
              <p>
                <strong>What to do:</strong> <AdviceText text={advice} />
              </p>
            )}
          </td>
        </tr>
      )}
    </tbody>
  );
}
