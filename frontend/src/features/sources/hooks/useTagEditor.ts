import { useEffect, useMemo, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import type { SourceWithTags } from '../model/sourceFragment';
import { type TagDraft, tagProblems, toTagDraft, toTagInput } from '../model/tagDraft';
import { useSourceMutations } from './useSourceMutations';

function written(drafts: readonly TagDraft[]): string {
  return JSON.stringify(drafts.map(toTagInput));
}

/**
 * The mappings of a source while a person changes them.
 *
 * What others save shows at once while nothing was changed here; otherwise it is told, and nothing is overwritten.
 */
export function useTagEditor(source: SourceWithTags, onSaved: () => void) {
  const { setTags } = useSourceMutations();
  const [base, setBase] = useState(source);
  const [drafts, setDrafts] = useState(() => source.tags.map(toTagDraft));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const stored = useMemo(() => base.tags.map(toTagDraft), [base]);
  const isChanged = written(drafts) !== written(stored);
  const isOutdated =
    source.version !== base.version && written(source.tags.map(toTagDraft)) !== written(stored);
  const load = (newer: SourceWithTags): void => {
    setBase(newer);
    setDrafts(newer.tags.map(toTagDraft));
    setProblem(null);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another version asks for a look
  useEffect(() => {
    if (source.version === base.version) {
      return;
    }
    if (!isOutdated) {
      setBase(source);
    } else if (!isChanged) {
      load(source);
    }
  }, [source.version]);
  const save = async (): Promise<void> => {
    setIsSaving(true);
    const mappings = drafts.map(toTagInput);
    const outcome = await setTags({ sourceId: source.id, expectedVersion: base.version, mappings });
    setIsSaving(false);
    if (outcome.ok) {
      load(outcome.value);
      onSaved();
    } else {
      setProblem(outcome.problem);
    }
  };
  return {
    drafts,
    change: setDrafts,
    problems: tagProblems(drafts, source.protocol),
    problem,
    isChanged,
    isOutdated: isOutdated && isChanged,
    isSaving,
    reset: () => load(source),
    save,
  };
}
