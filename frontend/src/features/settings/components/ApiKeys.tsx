import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useCallback, useState } from 'react';
import { graphql } from '~/gql/graphql';
import type { UserProblem } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { ErrorState } from '~/ui/ErrorState';
import { Note } from '~/ui/Note';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useCreateApiKey, useRevokeApiKey } from '../hooks/useApiKeyMutations';
import { ApiKeyTable } from './ApiKeyTable';
import { NewKeyDialog } from './NewKeyDialog';

const ApiKeyList = graphql(`
  query ApiKeyList {
    apiKeys {
      id
      name
      prefix
      scopes
      createdAt
      expiresAt
      revokedAt
      lastUsedAt
    }
  }
`);

/** Keys with which agents send readings. */
export function ApiKeys() {
  const [{ data, error }, execute] = useLastingQuery({ query: ApiKeyList });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  const create = useCreateApiKey();
  const revoke = useRevokeApiKey();
  const [name, setName] = useState('');
  const [newKey, setNewKey] = useState<string | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const handleCreate = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const outcome = await create(name.trim());
    setProblem(outcome.ok ? null : outcome.problem);
    if (outcome.ok) {
      setNewKey(outcome.value.plaintextKey);
      setName('');
      refetch();
    }
  };
  const handleRevoke = async (id: string): Promise<void> => {
    setProblem(await revoke(id));
    refetch();
  };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="keys-title">
      <h2 id="keys-title">API keys</h2>
      <form
        className="pw-row pw-row-end"
        aria-label="Create API key"
        onSubmit={(event) => void handleCreate(event)}
      >
        <TextInput
          label="Name of the new key"
          placeholder="Such as: agent in hall 2"
          size="md"
          required
          withAsterisk={false}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="md" className="pw-target" disabled={name.trim() === ''}>
          Create API key
        </Button>
      </form>
      {problem && <Note role="alert">{problem.message}</Note>}
      {error && !data && <ErrorState what="The keys could not be loaded." error={error} onRetry={refetch} />}
      {!data && !error && <SkeletonRows label="Loading the keys" count={2} />}
      {data?.apiKeys.length === 0 && (
        <p className="pw-dim">No key yet. An agent needs one to send readings.</p>
      )}
      {data && data.apiKeys.length > 0 && (
        <ApiKeyTable keys={data.apiKeys} onRevoke={(id) => void handleRevoke(id)} />
      )}
      {newKey && <NewKeyDialog plaintextKey={newKey} onClose={() => setNewKey(null)} />}
    </section>
  );
}
