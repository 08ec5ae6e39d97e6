import { type Client, createClient } from 'graphql-ws';
import { endSession, getSession } from '~/lib/session';
import { reportLinkEvent } from './connectionState';

const tokenRefused = 4403;
const longestWaitMs = 5_000;
const keepAliveMs = 12_000;
const pongWithinMs = 5_000;

function socketUrl(): string {
  const { protocol, host } = window.location;
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/graphql`;
}

function closeCode(event: unknown): number | undefined {
  return event instanceof CloseEvent ? event.code : undefined;
}

async function waitBeforeRetry(retries: number): Promise<void> {
  const ceiling = Math.min(longestWaitMs, 500 * 2 ** retries);
  await new Promise((resolve) => setTimeout(resolve, 250 + Math.random() * ceiling));
}

/** Opens the one WebSocket of the page; it connects with the first subscription and reconnects by itself. */
export function createSocket(url = socketUrl()): Client {
  let unansweredPing: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | undefined;
  return createClient({
    url,
    connectionParams: () => ({ authorization: `Bearer ${getSession()?.accessToken ?? ''}` }),
    keepAlive: keepAliveMs,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: waitBeforeRetry,
    shouldRetry: (event) => closeCode(event) !== tokenRefused && getSession() !== null,
    on: {
      opened: (opened) => {
        socket = opened as WebSocket;
      },
      connected: () => reportLinkEvent('connected'),
      ping: (isReceived) => {
        // A half-open connection answers no ping: close it, so that the retry begins.
        if (!isReceived) {
          unansweredPing = setTimeout(() => socket?.close(4408, 'No answer'), pongWithinMs);
        }
      },
      pong: (isReceived) => {
        if (isReceived) {
          clearTimeout(unansweredPing);
        }
      },
      closed: (event) => {
        clearTimeout(unansweredPing);
        if (closeCode(event) === tokenRefused) {
          endSession();
        }
        reportLinkEvent('closed');
      },
    },
  });
}
