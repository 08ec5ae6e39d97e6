import { Button } from '@mantine/core';
import { TagTable } from '~/features/sources/components/TagTable';
import { TestOutcome } from '~/features/sources/components/TestOutcome';
import { useSourceTest } from '~/features/sources/hooks/useSourceTest';
import { newTag, scaled, type TagDraft, tagProblems, toTagInput } from '~/features/sources/model/tagDraft';
import { Note } from '~/ui/Note';
import { useBaseline } from '../hooks/useFirstValues';
import { useSaveSource } from '../hooks/useSaveSource';
import { tagProtocol } from '../model/draft';
import { lookInput } from './ConnectionStep';
import { PasteBox } from './PasteBox';
import { StepFooter } from './StepFooter';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

const raw = new Intl.NumberFormat('en', { maximumSignificantDigits: 7 });

/** Where each value goes: metric, unit, scale and offset, with the value that comes of it. */
export function MapStep({ draft, change, onNext, onBack }: StepProps) {
  const { save, problem, isSaving } = useSaveSource();
  const readBaseline = useBaseline();
  const test = useSourceTest();
  const isServer = draft.way === 'SERVER';
  const protocol = tagProtocol(draft);
  const problems = tagProblems(draft.tags, protocol);
  const canGoOn = draft.tags.some(({ isEnabled }) => isEnabled) && problems.size === 0;
  const shownValue = (tag: TagDraft) => {
    const before = draft.rawValues[tag.tag.trim()];
    const isPlain = Number(tag.scale) === 1 && Number(tag.offset) === 0;
    return before === undefined
      ? null
      : { value: scaled(before, tag), detail: isPlain ? undefined : `read as ${raw.format(before)}` };
  };
  const handleNext = async (): Promise<void> => {
    if (isServer) {
      const saved = await save(draft);
      if (!saved) {
        return;
      }
      change(saved);
    } else if (draft.machine) {
      change({ baseline: await readBaseline(draft.machine.id) });
    }
    onNext();
  };
  return (
    <StepPanel title="Which metrics do they become?">
      <p className="pw-dim">A reading is the value × scale + offset, in the unit.</p>
      {!isServer && <PasteBox draft={draft} change={change} />}
      {draft.tags.length > 0 && (
        <TagTable
          drafts={draft.tags}
          problems={problems}
          protocol={protocol}
          isReadOnly={false}
          valueTitle="Reading"
          shownValue={shownValue}
          onChange={(tags) => change({ tags })}
        />
      )}
      <div className="pw-row">
        <Button
          variant="default"
          className="pw-target"
          onClick={() => change((old) => ({ ...old, tags: [...old.tags, newTag()] }))}
        >
          Add a row
        </Button>
        {isServer && (
          <Button
            variant="default"
            className="pw-target"
            disabled={!canGoOn || test.isRunning}
            onClick={() => void test.run({ ...lookInput(draft), tags: draft.tags.map(toTagInput) })}
          >
            {test.isRunning ? 'Reading…' : 'Read them once'}
          </Button>
        )}
      </div>
      <TestOutcome test={test} confirmed={draft.connection.serverFingerprint} onConfirm={undefined} />
      {problem && <Note role="alert">{problem.message}</Note>}
      <StepFooter
        next={isServer ? (draft.source ? 'Save and go on' : 'Start reading') : 'Go on'}
        canGoOn={canGoOn && !isSaving}
        hint={isSaving ? undefined : 'Each row needs what is read and a metric of its own.'}
        onNext={() => void handleNext()}
        onBack={onBack}
      />
    </StepPanel>
  );
}
