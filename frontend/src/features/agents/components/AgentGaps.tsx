import { useState } from 'react';
import { useNow } from '~/lib/now';
import { ErrorState } from '~/ui/ErrorState';
import { MoreRows } from '~/ui/MoreRows';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { useAgentGaps } from '../hooks/useAgentGaps';
import type { AgentDetail } from '../model/agentFragment';
import { gapLines, gapWindowMs, gapWindowWords, knownPart } from '../model/gapLine';
import { type GapWindow, gapWindows } from '../model/gapWindow';
import { GapChart } from './GapChart';
import { GapTable } from './GapTable';

const firstRows = 10;
const moreRows = 50;
/** The chart moves with the clock, but not every second. */
const stepMs = 60_000;

interface AgentGapsProps {
  agent: AgentDetail;
  window: GapWindow;
  onWindow: (window: GapWindow) => void;
}

/** What is missing of each source and why: drawn on a line of time, and as a list. */
export function AgentGaps({ agent, window, onWindow }: AgentGapsProps) {
  const to = Math.ceil(useNow() / stepMs) * stepMs;
  const from = to - gapWindowMs[window];
  const gaps = useAgentGaps(agent.id, agent.lastSeenAt, from);
  const [limit, setLimit] = useState(firstRows);
  const names = agent.sources.map(({ name }) => name).sort();
  const handleMore = (): void => {
    setLimit(limit + moreRows);
    if (gaps.hasMore && limit + moreRows > (gaps.nodes?.length ?? 0)) {
      gaps.loadMore();
    }
  };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="gaps-title">
      <div className="pw-spread">
        <h2 id="gaps-title">What is missing</h2>
        <ToggleFilter
          label="Window"
          words={gapWindows}
          selected={[window]}
          describe={(word) => gapWindowWords[word]}
          onChange={(words) => onWindow(words.find((word) => word !== window) ?? window)}
        />
      </div>
      {gaps.error && !gaps.nodes && (
        <ErrorState what="The gaps could not be loaded." error={gaps.error} onRetry={gaps.refetch} />
      )}
      {!gaps.nodes && !gaps.error && <SkeletonRows label="Loading the gaps" count={3} height={28} />}
      {gaps.nodes && (
        <GapChart
          lines={gapLines(names, gaps.nodes, from, to)}
          known={knownPart(agent, from, to)}
          from={from}
          to={to}
        />
      )}
      {gaps.nodes?.length === 0 && (
        <p className="pw-dim">Nothing is missing since the agent was first heard.</p>
      )}
      {gaps.nodes && gaps.nodes.length > 0 && (
        <>
          <GapTable gaps={gaps.nodes.slice(0, limit)} />
          <MoreRows
            shown={Math.min(limit, gaps.nodes.length)}
            total={gaps.totalCount}
            noun="gaps, newest first"
            hasMore={gaps.hasMore || limit < gaps.nodes.length}
            isFetching={gaps.isFetching && limit > gaps.nodes.length}
            onMore={handleMore}
          />
        </>
      )}
    </section>
  );
}
