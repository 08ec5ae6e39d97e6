import { Button } from '@mantine/core';
import { useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Note } from '~/ui/Note';
import { useSourceMutations } from '../hooks/useSourceMutations';
import { useSourceTest } from '../hooks/useSourceTest';
import { toConnectionDraft, toSettings } from '../model/connection';
import type { SourceWithTags } from '../model/sourceFragment';
import { TestOutcome } from './TestOutcome';

interface TestPanelProps {
  source: SourceWithTags;
  onChanged: () => void;
  /** What is stored of the user was given for another certificate: it has to be entered again with this one. */
  onTrustWithPassword: (fingerprint: string) => void;
}

/** Tries a source as it is stored, and takes the fingerprint of its server when a person confirms it. */
export function TestPanel({ source, onChanged, onTrustWithPassword }: TestPanelProps) {
  const test = useSourceTest();
  const { update } = useSourceMutations();
  const [refusal, setRefusal] = useState<UserProblem | null>(null);
  const confirmed = source.opcUa?.serverFingerprint ?? null;
  const handleConfirm = async (serverFingerprint: string): Promise<void> => {
    if (source.opcUa?.hasPassword || source.opcUa?.userCertificateFingerprint) {
      onTrustWithPassword(serverFingerprint);
      return;
    }
    const outcome = await update({
      id: source.id,
      expectedVersion: source.version,
      ...toSettings({ ...toConnectionDraft(source), serverFingerprint }),
    });
    setRefusal(outcome.ok ? null : outcome.problem);
    onChanged();
    if (outcome.ok) {
      await test.run({ id: source.id });
    }
  };
  return (
    <section className="pw-panel pw-stack" aria-labelledby="test-title">
      <div className="pw-row">
        <h2 id="test-title">Live test</h2>
        <Button
          variant="default"
          className="pw-target"
          disabled={test.isRunning}
          onClick={() => void test.run({ id: source.id })}
        >
          {test.isRunning ? 'Testing…' : 'Test now'}
        </Button>
      </div>
      <p className="pw-dim">
        Connects once and reads each tag; nothing is stored, and polling goes on beside it.
      </p>
      {refusal && <Note role="alert">{refusal.message}</Note>}
      <TestOutcome
        test={test}
        confirmed={confirmed}
        onConfirm={(fingerprint) => void handleConfirm(fingerprint)}
      />
    </section>
  );
}
