import { Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { canAdminister, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useAgent } from '../hooks/useAgent';
import type { AgentDetail } from '../model/agentFragment';
import { AgentAlerts } from './AgentAlerts';
import { AgentFacts } from './AgentFacts';
import { AgentGaps } from './AgentGaps';
import { AgentHeadline } from './AgentHeadline';
import { AgentMachines } from './AgentMachines';
import classes from './AgentPage.module.css';
import { AgentRemoveDialog } from './AgentRemoveDialog';
import { AgentRenameDialog } from './AgentRenameDialog';
import { BufferPanel } from './BufferPanel';
import { SourceTable } from './SourceTable';
import { UplinkPanel } from './UplinkPanel';

const route = getRouteApi('/shell/agents/$agentId');

function AgentBody({ agent }: { agent: AgentDetail }) {
  const { window = '24h' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <AgentHeadline agent={agent} />
      <AgentAlerts agentId={agent.id} />
      <div className={classes.pair}>
        <UplinkPanel uplink={agent.uplink} clockOffsetMs={agent.clockOffsetMs} />
        <BufferPanel buffer={agent.buffer} clockOffsetMs={agent.clockOffsetMs} />
      </div>
      <SourceTable state={agent.state} sources={agent.sources} clockOffsetMs={agent.clockOffsetMs} />
      <AgentMachines state={agent.state} machines={agent.machines} machineCount={agent.machineCount} />
      <AgentGaps
        key={agent.id}
        agent={agent}
        window={window}
        onWindow={(word) => void navigate({ search: { window: word }, replace: true })}
      />
      <AgentFacts agent={agent} />
    </>
  );
}

/** What one agent says of itself. */
export function AgentPage() {
  const { agentId } = route.useParams();
  const navigate = route.useNavigate();
  const isAdmin = canAdminister(useViewer());
  const { agent, error, refetch } = useAgent(agentId);
  const [dialog, setDialog] = useState<'rename' | 'remove' | null>(null);
  const close = (): void => setDialog(null);
  if (agent === undefined) {
    return (
      <>
        <PageHeader title="Agent" />
        {error ? (
          <ErrorState what="The agent could not be loaded." error={error} onRetry={refetch} />
        ) : (
          <SkeletonRows label="Loading the agent" count={4} height={120} />
        )}
      </>
    );
  }
  if (agent === null) {
    return (
      <>
        <PageHeader title="Agent not found" />
        <EmptyState title="There is no such agent" action={<Link to="/agents">Open the list of agents</Link>}>
          It may have been removed, or it began a new buffer and with it a new entry in the list.
        </EmptyState>
      </>
    );
  }
  return (
    <>
      <PageHeader title={agent.name}>
        {isAdmin && (
          <>
            <Button variant="default" className="pw-target" onClick={() => setDialog('rename')}>
              Rename
            </Button>
            <Button variant="default" className="pw-target" onClick={() => setDialog('remove')}>
              Remove
            </Button>
          </>
        )}
      </PageHeader>
      <AgentBody agent={agent} />
      {dialog === 'rename' && <AgentRenameDialog agent={agent} onClose={close} onChanged={refetch} />}
      {dialog === 'remove' && (
        <AgentRemoveDialog
          agent={agent}
          onClose={close}
          onRemoved={() => void navigate({ to: '/agents', search: {} })}
        />
      )}
    </>
  );
}
