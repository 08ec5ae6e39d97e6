import { createContext, useContext } from 'react';
import { useLinkState } from '~/gql/connectionState';
import { useNow } from './now';

/** Seconds without a reading after which a value is no longer shown as current. */
export const StaleAfterContext = createContext(300);

/** True when the last reading is old, or when the live connection is lost and nothing newer can arrive. */
export function useIsStale(lastReadingAt: string | null): boolean {
  const staleAfterSeconds = useContext(StaleAfterContext);
  const now = useNow();
  const { phase } = useLinkState();
  if (lastReadingAt === null) {
    return true;
  }
  const isDisconnected = phase === 'reconnecting' || phase === 'offline';
  return isDisconnected || now - Date.parse(lastReadingAt) > staleAfterSeconds * 1000;
}
