import { useState } from 'react';
import { useSourceMutations } from '~/features/sources/hooks/useSourceMutations';
import { toSettings } from '~/features/sources/model/connection';
import type { SourceWithTags } from '~/features/sources/model/sourceFragment';
import { toTagInput } from '~/features/sources/model/tagDraft';
import type { Outcome, UserProblem } from '~/gql/mutationResult';
import type { ConnectDraft } from '../model/draft';
import { useBaseline } from './useFirstValues';

/** Makes the source of the draft, or changes the one that was made before; answers the draft that knows it. */
export function useSaveSource() {
  const { create, update, setTags } = useSourceMutations();
  const readBaseline = useBaseline();
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const write = async (draft: ConnectDraft, machineId: string): Promise<Outcome<SourceWithTags>> => {
    const settings = toSettings(draft.connection);
    const pollIntervalSeconds = Number(draft.connection.pollIntervalSeconds);
    const tags = draft.tags.map(toTagInput);
    if (!draft.source) {
      return create({ machineId, pollIntervalSeconds, tags, ...settings });
    }
    const { id, version } = draft.source;
    const changed = await update({ id, expectedVersion: version, pollIntervalSeconds, ...settings });
    return changed.ok
      ? setTags({ sourceId: id, expectedVersion: changed.value.version, mappings: tags })
      : changed;
  };
  const save = async (draft: ConnectDraft): Promise<Partial<ConnectDraft> | null> => {
    if (!draft.machine) {
      return null;
    }
    setIsSaving(true);
    const baseline = await readBaseline(draft.machine.id);
    const outcome = await write(draft, draft.machine.id);
    setIsSaving(false);
    setProblem(outcome.ok ? null : outcome.problem);
    if (!outcome.ok) {
      return null;
    }
    const { id, version } = outcome.value;
    return {
      source: { id, version },
      baseline,
      // The server has the secrets now.
      connection: {
        ...draft.connection,
        password: null,
        userCertificate: draft.connection.userCertificate === '' ? '' : null,
        userPrivateKey: '',
      },
    };
  };
  return { save, problem, isSaving };
}
