import { useState } from 'react';
import type { CreatedKey } from '~/features/settings/hooks/useApiKeyMutations';
import { PageHeader } from '~/ui/PageHeader';
import { useGuideFacts } from '../hooks/useGuideFacts';
import { agentFile, exampleFile, type FirstFile } from '../model/agentFile';
import { ArrivalStep } from './ArrivalStep';
import classes from './ConnectAgent.module.css';
import { FileStep } from './FileStep';
import { KeyStep } from './KeyStep';
import { StartStep } from './StartStep';

/** From nothing to the first heartbeat of an agent. */
export function ConnectAgentPage() {
  const { machines, isFirst } = useGuideFacts();
  const [key, setKey] = useState<CreatedKey | null>(null);
  const [draft, setDraft] = useState<FirstFile>(() => exampleFile('opcua', 'line-2-gateway', ''));
  const first = { ...draft, machineIdentifier: draft.machineIdentifier || (machines?.[0]?.identifier ?? '') };
  const change = (part: Partial<FirstFile>): void => {
    setDraft((old) =>
      part.protocol ? exampleFile(part.protocol, old.name, old.machineIdentifier) : { ...old, ...part },
    );
  };
  const server = { url: window.location.origin, apiKey: key?.plaintextKey ?? null };
  return (
    <>
      <PageHeader title={isFirst ? 'Connect the first agent' : 'Connect an agent'} />
      <p>
        An agent is a small program on a computer near the machines. It reads them, keeps what it reads on
        disk, and sends it here; nothing connects to it.
      </p>
      <ol className={classes.steps}>
        <KeyStep name={draft.name} onName={(name) => change({ name })} keyMade={key} onKey={setKey} />
        <FileStep first={first} machines={machines} text={agentFile(first, server)} onChange={change} />
        <StartStep first={first} />
        <ArrivalStep name={draft.name.trim()} apiKeyId={key?.apiKey.id ?? null} />
      </ol>
    </>
  );
}
