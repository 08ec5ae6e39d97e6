import { useCallback, useEffect, useState } from 'react';
import { type ConnectDraft, emptyDraft } from '../model/draft';
import { dropDraft, keepDraft, keptDraft } from '../model/storage';

export interface DraftState {
  draft: ConnectDraft;
  change: (part: Partial<ConnectDraft> | ((old: ConnectDraft) => ConnectDraft)) => void;
  restart: () => void;
}

/** What a person has entered, found again in this tab after the page was left; its password is not kept. */
export function useConnectDraft(owner: string): DraftState {
  const [draft, setDraft] = useState(() => keptDraft(owner) ?? emptyDraft);
  useEffect(() => keepDraft(owner, draft), [owner, draft]);
  const change = useCallback<DraftState['change']>(
    (part) => setDraft((old) => (typeof part === 'function' ? part(old) : { ...old, ...part })),
    [],
  );
  const restart = useCallback(() => {
    dropDraft();
    setDraft(emptyDraft);
  }, []);
  return { draft, change, restart };
}
