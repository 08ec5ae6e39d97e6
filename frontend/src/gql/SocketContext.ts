import type { Client } from 'graphql-ws';
import { createContext, useContext } from 'react';

/** The page's WebSocket client; null while nobody is signed in. */
export const SocketContext = createContext<Client | null>(null);

export function useSocket(): Client | null {
  return useContext(SocketContext);
}
