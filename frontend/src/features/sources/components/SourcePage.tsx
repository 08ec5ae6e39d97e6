import { Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { canManageMachines, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { PageHeader } from '~/ui/PageHeader';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useSetup } from '../hooks/useSetup';
import { useSource } from '../hooks/useSource';
import { useSourceMutations } from '../hooks/useSourceMutations';
import type { SourceWithTags } from '../model/sourceFragment';
import { ConnectionDialog } from './ConnectionDialog';
import { ConnectionFacts } from './ConnectionFacts';
import { DeleteDialog } from './DeleteDialog';
import { GapTable } from './GapTable';
import { SetupNote } from './SetupNote';
import { SourceHead } from './SourceHead';
import { TagPanel } from './TagPanel';
import { TestPanel } from './TestPanel';

const route = getRouteApi('/shell/sources/$sourceId');

interface LoadedProps {
  source: SourceWithTags;
  perMinute: number | null;
  refetch: () => void;
}

function Loaded({ source, perMinute, refetch }: LoadedProps) {
  const canChange = canManageMachines(useViewer());
  const setup = useSetup();
  const navigate = route.useNavigate();
  const { setPaused } = useSourceMutations();
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [dialog, setDialog] = useState<'connection' | 'delete' | null>(null);
  const [trusted, setTrusted] = useState<string | null>(null);
  const edit = (fingerprint: string | null): void => {
    setTrusted(fingerprint);
    setDialog('connection');
  };
  const handleSetPaused = async (): Promise<void> => {
    const outcome = await setPaused(source.id, !source.isPaused);
    setProblem(outcome.ok ? null : outcome.problem);
    refetch();
  };
  return (
    <>
      <PageHeader title={source.name}>
        {canChange && (
          <>
            <Button variant="default" className="pw-target" onClick={() => void handleSetPaused()}>
              {source.isPaused ? 'Resume' : 'Pause'}
            </Button>
            <Button variant="default" className="pw-target" onClick={() => setDialog('delete')}>
              Delete
            </Button>
          </>
        )}
      </PageHeader>
      {problem && <Note role="alert">{problem.message}</Note>}
      <SetupNote setup={setup} />
      <SourceHead source={source} perMinute={perMinute} />
      {canChange && <TestPanel source={source} onChanged={refetch} onTrustWithPassword={edit} />}
      <TagPanel source={source} canChange={canChange} onSaved={refetch} />
      <ConnectionFacts source={source} onEdit={canChange ? () => edit(null) : undefined} />
      <GapTable gaps={source.gaps} />
      {dialog === 'connection' && (
        <ConnectionDialog
          source={source}
          trusted={trusted}
          onClose={() => setDialog(null)}
          onChanged={refetch}
        />
      )}
      {dialog === 'delete' && (
        <DeleteDialog
          source={source}
          onClose={() => setDialog(null)}
          onDeleted={() => void navigate({ to: '/sources' })}
        />
      )}
    </>
  );
}

/** One device that the server reads: how it does, its test, its tags and its connection. */
export function SourcePage() {
  const { sourceId } = route.useParams();
  const { source, error, refetch, perMinute } = useSource(sourceId);
  if (source) {
    return <Loaded key={source.id} source={source} perMinute={perMinute} refetch={refetch} />;
  }
  return (
    <>
      <PageHeader title="Source" />
      {source === null && (
        <EmptyState title="There is no such source" action={<Link to="/sources">All sources</Link>}>
          It was deleted, or the link is of another plant.
        </EmptyState>
      )}
      {source === undefined && error && (
        <ErrorState what="The source could not be loaded." error={error} onRetry={refetch} />
      )}
      {source === undefined && !error && <SkeletonRows label="Loading the source" count={6} />}
    </>
  );
}
