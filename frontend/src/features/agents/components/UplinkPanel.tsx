import { formatDateTime, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Note } from '~/ui/Note';
import { adviseOnUplink } from '../model/advice';
import type { AgentDetail } from '../model/agentFragment';
import { isTroubled } from '../model/agentState';
import { serverTime } from '../model/figures';
import { AdviceText } from './AdviceText';
import classes from './AgentPage.module.css';
import { PartStateMark } from './AgentStateMark';

/** The agent's way to this server, and the last thing that went wrong on it. */
export function UplinkPanel({ uplink, clockOffsetMs }: Pick<AgentDetail, 'uplink' | 'clockOffsetMs'>) {
  const now = useNow();
  const age = (time: string): string => `${formatSpan(now - serverTime(time, clockOffsetMs))} ago`;
  const advice = adviseOnUplink(uplink);
  return (
    <section className="pw-panel pw-stack" aria-labelledby="uplink-title">
      <h2 id="uplink-title">Way to this server</h2>
      <p className={classes.headline}>
        <PartStateMark state={uplink.state} />
        {uplink.since && (
          <span className="pw-dim">since {formatDateTime(serverTime(uplink.since, clockOffsetMs))}</span>
        )}
      </p>
      <p>{uplink.lastPush ? `Readings last taken ${age(uplink.lastPush)}.` : 'No readings taken yet.'}</p>
      {uplink.lastError && (
        <p className={isTroubled(uplink.state) ? undefined : 'pw-dim'}>
          Last error{uplink.lastErrorAt && `, ${age(uplink.lastErrorAt)}`}: {uplink.lastError}
        </p>
      )}
      {advice && (
        <Note>
          <AdviceText text={advice} />
        </Note>
      )}
    </section>
  );
}
