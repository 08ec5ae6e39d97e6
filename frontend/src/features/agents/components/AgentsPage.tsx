import { getRouteApi, Link, Navigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { readFragment } from '~/gql/graphql';
import { formatCount } from '~/lib/format';
import { readWords, writeWords } from '~/lib/searchParams';
import { canAdminister, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SearchField } from '~/ui/SearchField';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { type AgentItem, useAgents } from '../hooks/useAgents';
import { useSilenceAlerts } from '../hooks/useSilenceAlerts';
import { AgentRowAgent } from '../model/agentFragment';
import type { AgentsSearch } from '../model/search';
import { type AgentState, agentStates, agentStateWords } from '../model/states';
import { newestVersion } from '../model/version';
import { AgentTable } from './AgentTable';
import actions from './actions.module.css';

const route = getRouteApi('/shell/agents');

function AgentFilters({ counts }: { counts: ReadonlyMap<AgentState, number> }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (part: Partial<AgentsSearch>): void => {
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  };
  return (
    <search className="pw-row pw-row-end" aria-label="Filter agents">
      <ToggleFilter<AgentState>
        label="State"
        words={agentStates}
        selected={readWords(search.state, agentStates)}
        describe={(word) => `${agentStateWords[word]} ${formatCount(counts.get(word) ?? 0)}`}
        onChange={(words) => change({ state: writeWords(words) })}
      />
      <SearchField
        label="Search"
        placeholder="Name"
        value={search.q ?? ''}
        onChange={(value) => change({ q: value || undefined })}
      />
    </search>
  );
}

function AllAgents({ nodes }: { nodes: readonly AgentItem[] }) {
  const search = route.useSearch();
  const alerts = useSilenceAlerts();
  const agents = useMemo(
    () => nodes.map((item) => ({ item, ...readFragment(AgentRowAgent, item) })),
    [nodes],
  );
  const states = readWords(search.state, agentStates);
  const text = search.q?.toLowerCase() ?? '';
  const shown = agents.filter(
    ({ name, state }) => (states.length === 0 || states.includes(state)) && name.toLowerCase().includes(text),
  );
  const counts = new Map(
    agentStates.map((word) => [word, agents.filter(({ state }) => state === word).length]),
  );
  return (
    <>
      <AgentFilters counts={counts} />
      {shown.length > 0 ? (
        <AgentTable
          agents={shown}
          newestVersion={newestVersion(agents.map(({ version }) => version))}
          alerts={alerts}
        />
      ) : (
        <EmptyState title="No agent matches">Release a filter or search for another name.</EmptyState>
      )}
    </>
  );
}

/** The plant's edge agents; without any, the way to the first one. */
export function AgentsPage() {
  const { nodes, error, refetch } = useAgents();
  const isAdmin = canAdminister(useViewer());
  return (
    <>
      <PageHeader title="Agents">
        {isAdmin && nodes && nodes.length > 0 && (
          <Link to="/agents/new" className={`${actions.link} pw-target`}>
            Connect an agent
          </Link>
        )}
      </PageHeader>
      {!nodes && error && (
        <ErrorState what="The agents could not be loaded." error={error} onRetry={refetch} />
      )}
      {!nodes && !error && <SkeletonRows label="Loading the agents" count={6} />}
      {nodes?.length === 0 && <Navigate to="/agents/new" replace />}
      {nodes && nodes.length > 0 && <AllAgents nodes={nodes} />}
    </>
  );
}
