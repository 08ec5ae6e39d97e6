import { stringifyDocument } from '@urql/core';
import type { TadaDocumentNode } from 'gql.tada';
import type { Client } from 'graphql-ws';

const reopenAfterMs = 3_000;

interface StreamOptions<Data, Variables> {
  document: TadaDocumentNode<Data, Variables, unknown>;
  /** Read again on every reconnection, so that `since` is the last cursor seen. */
  variables: () => Variables;
  onData: (data: Data) => void;
}

/**
 * Follows a subscription until stopped.
 *
 * The socket repeats a subscription after each break. `variables` is a getter in the payload, so the
 * repeated message carries the newest cursor. When the server ends a subscription it is opened again.
 */
export function openStream<Data extends object, Variables extends object>(
  socket: Client,
  { document, variables, onData }: StreamOptions<Data, Variables>,
): () => void {
  let isStopped = false;
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let stop = (): void => undefined;
  const query = stringifyDocument(document);

  const scheduleReopen = (): void => {
    if (!isStopped) {
      reopen = setTimeout(open, reopenAfterMs);
    }
  };
  const open = (): void => {
    const payload = {
      query,
      get variables(): Record<string, unknown> {
        return variables() as Record<string, unknown>;
      },
    };
    stop = socket.subscribe<Data>(payload, {
      next: (message) => {
        if (message.data && !isStopped) {
          onData(message.data);
        }
      },
      error: scheduleReopen,
      complete: scheduleReopen,
    });
  };
  open();
  return () => {
    isStopped = true;
    clearTimeout(reopen);
    stop();
  };
}
