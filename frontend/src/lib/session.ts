import { useSyncExternalStore } from 'react';
import * as v from 'valibot';

const storageKey = 'plantwright.session';

const sessionSchema = v.object({
  accessToken: v.string(),
  expiresAt: v.string(),
});

export type Session = v.InferOutput<typeof sessionSchema>;

let current: Session | null = readStored();
const listeners = new Set<() => void>();

function readStored(): Session | null {
  try {
    const parsed = v.safeParse(sessionSchema, JSON.parse(sessionStorage.getItem(storageKey) ?? 'null'));
    return parsed.success && Date.parse(parsed.output.expiresAt) > Date.now() ? parsed.output : null;
  } catch {
    // Storage may be blocked or hold foreign text: the person signs in again.
    return null;
  }
}

function publish(session: Session | null): void {
  current = session;
  try {
    if (session) {
      sessionStorage.setItem(storageKey, JSON.stringify(session));
    } else {
      sessionStorage.removeItem(storageKey);
    }
  } catch {
    // Without storage the session lives until the page is reloaded.
  }
  for (const listener of listeners) {
    listener();
  }
}

/** The session of this tab, or null when nobody is signed in. */
export function getSession(): Session | null {
  return current;
}

/** Keeps a session for this tab only; a second tab signs in by itself. */
export function startSession(session: Session): void {
  publish(session);
}

/** Forgets the session: after sign-out, or when the server refuses the token. */
export function endSession(): void {
  if (current) {
    publish(null);
  }
}

/** Calls `listener` on each sign-in and sign-out; returns the way to stop. */
export function onSessionChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The session as React state. */
export function useSession(): Session | null {
  return useSyncExternalStore(onSessionChange, getSession);
}
