import { formatBytes, formatCount, formatSpan } from '~/lib/format';

const dayMs = 86_400_000;
const worthSayingMs = 1_000;
const warnDays = 14;

/** A time of the agent's clock as a time of the server's clock, in ms since 1970. */
export function serverTime(agentTime: string, clockOffsetMs: number | null): number {
  return Date.parse(agentTime) + (clockOffsetMs ?? 0);
}

/** How far the agent's clock is off, when that is more than a second: "Clock 2 min behind". */
export function describeClock(clockOffsetMs: number | null): string | null {
  if (clockOffsetMs === null || Math.abs(clockOffsetMs) <= worthSayingMs) {
    return null;
  }
  return `Clock ${formatSpan(Math.abs(clockOffsetMs))} ${clockOffsetMs > 0 ? 'behind' : 'ahead'}`;
}

/** What is to be said of the client certificate, within 14 days of its end. */
export function describeCertificate(expiresAt: string | null, now: number): string | null {
  if (expiresAt === null) {
    return null;
  }
  const left = Date.parse(expiresAt) - now;
  if (left <= 0) {
    return `Certificate expired ${formatSpan(-left)} ago`;
  }
  return left <= warnDays * dayMs ? `Certificate expires in ${formatSpan(left)}` : null;
}

/** How full the buffer is, in percent from 0 to 100. */
export function bufferShare({ bytes, maxBytes }: { bytes: number; maxBytes: number }): number {
  return maxBytes > 0 ? Math.min(100, (100 * bytes) / maxBytes) : 0;
}

/** "12 readings wait, 1.2 MB of 500 MB". */
export function describeBuffer(buffer: { bytes: number; maxBytes: number; depth: number }): string {
  const { bytes, maxBytes, depth } = buffer;
  return `${describeReadings(depth)} ${depth === 1 ? 'waits' : 'wait'}, ${formatBytes(bytes)} of ${formatBytes(maxBytes)}`;
}

/** "no readings", "1 reading", "1,200 readings". */
export function describeReadings(count: number): string {
  if (count === 0) {
    return 'no readings';
  }
  return `${formatCount(count)} ${count === 1 ? 'reading' : 'readings'}`;
}

const protocolWords: Record<string, string> = {
  opcua: 'OPC UA',
  modbus: 'Modbus TCP',
  csv: 'CSV file',
  json: 'JSON file',
};

/** A protocol of the agent's configuration, for people. */
export function protocolWord(protocol: string): string {
  return protocolWords[protocol] ?? protocol;
}
