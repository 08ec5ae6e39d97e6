import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { NewKeyDialog } from '~/features/settings/components/NewKeyDialog';
import { type CreatedKey, useCreateApiKey } from '~/features/settings/hooks/useApiKeyMutations';
import type { UserProblem } from '~/gql/mutationResult';
import { canAdminister, useViewer } from '~/lib/viewer';
import { Note } from '~/ui/Note';

const longestName = 64;

interface KeyStepProps {
  name: string;
  onName: (name: string) => void;
  keyMade: CreatedKey | null;
  onKey: (key: CreatedKey) => void;
}

/** Names the agent and makes the key with which it sends. */
export function KeyStep({ name, onName, keyMade, onKey }: KeyStepProps) {
  const isAdmin = canAdminister(useViewer());
  const create = useCreateApiKey();
  const [isShown, setIsShown] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const outcome = await create(name.trim());
    setProblem(outcome.ok ? null : outcome.problem);
    if (outcome.ok) {
      onKey(outcome.value);
      setIsShown(true);
    }
  };
  return (
    <li className="pw-panel pw-stack" aria-labelledby="key-step">
      <h2 id="key-step">1. Name the agent and make its API key</h2>
      <form
        className="pw-row pw-row-end"
        aria-label="Make the key"
        onSubmit={(event) => void handleSubmit(event)}
      >
        <TextInput
          label="Name of the agent"
          size="md"
          required
          withAsterisk={false}
          maxLength={longestName}
          value={name}
          onChange={(event) => onName(event.currentTarget.value)}
        />
        {isAdmin && (
          <Button
            type="submit"
            size="md"
            className="pw-target"
            disabled={name.trim() === '' || keyMade !== null}
          >
            Make the API key
          </Button>
        )}
      </form>
      {!isAdmin && (
        <Note>Only an administrator can make the key. Ask for one with the scopes ingest and agent.</Note>
      )}
      {problem && <Note role="alert">{problem.message}</Note>}
      {keyMade && (
        <p role="status">
          The key is made and stands in the file below, as long as this page is open. It may send readings and
          heartbeats (scopes ingest and agent), and nothing else.
        </p>
      )}
      {isShown && keyMade && (
        <NewKeyDialog plaintextKey={keyMade.plaintextKey} onClose={() => setIsShown(false)} />
      )}
    </li>
  );
}
