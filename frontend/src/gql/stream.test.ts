import type { Client, Sink, SubscribePayload } from 'graphql-ws';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { graphql } from './graphql';
import { openStream } from './stream';

const Document = graphql(`
  subscription StreamTest($since: BigInt) {
    auditRecords(since: $since) {
      sequence
    }
  }
`);

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function openWithFakeSocket() {
  const opened: { payload: SubscribePayload; sink: Sink }[] = [];
  const subscribe = (payload: SubscribePayload, sink: Sink) => {
    opened.push({ payload, sink });
    return () => undefined;
  };
  let since: number | undefined;
  const stop = openStream({ subscribe } as unknown as Client, {
    document: Document,
    variables: () => ({ since }),
    onData: ({ auditRecords }) => {
      since = auditRecords.sequence;
    },
  });
  return { opened, stop };
}

it('repeats the subscription after a break from the last cursor seen', () => {
  const { opened } = openWithFakeSocket();
  const first = opened[0];
  expect(JSON.parse(JSON.stringify(first?.payload))).toMatchObject({ variables: {} });
  first?.sink.next({ data: { auditRecords: { sequence: 41 } } });
  expect(JSON.parse(JSON.stringify(first?.payload))).toMatchObject({ variables: { since: 41 } });
});

it('opens again when the server ends the subscription, and not after it was stopped', () => {
  const { opened, stop } = openWithFakeSocket();
  opened[0]?.sink.complete();
  vi.advanceTimersByTime(5000);
  expect(opened).toHaveLength(2);
  stop();
  opened[1]?.sink.complete();
  vi.advanceTimersByTime(5000);
  expect(opened).toHaveLength(2);
});
