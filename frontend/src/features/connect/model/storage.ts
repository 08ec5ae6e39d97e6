import type { ConnectDraft } from './draft';

const storageKey = 'plantwright.connect';
const form = 2;

interface Stored {
  form: number;
  /** Whose draft it is: another person in the same tab begins anew. */
  owner: string;
  draft: ConnectDraft;
}

/** Keeps a draft in this tab, without what is secret. */
export function keepDraft(owner: string, draft: ConnectDraft): void {
  // With a source the server has the secrets; without, they are entered again.
  const password = draft.source ? null : '';
  const userCertificate = draft.connection.userCertificate === '' ? '' : password;
  const connection = { ...draft.connection, password, userCertificate, userPrivateKey: '' };
  const stored: Stored = { form, owner, draft: { ...draft, connection } };
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(stored));
  } catch {
    // Without storage the draft lives until the page is left.
  }
}

/** The draft that was left here, or null. */
export function keptDraft(owner: string): ConnectDraft | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(storageKey) ?? 'null') as Partial<Stored> | null;
    return stored?.form === form && stored.owner === owner ? (stored.draft ?? null) : null;
  } catch {
    return null;
  }
}

export function dropDraft(): void {
  try {
    sessionStorage.removeItem(storageKey);
  } catch {
    // There is nothing to drop where nothing can be kept.
  }
}
