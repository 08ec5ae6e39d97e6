import { endSession, getSession } from '~/lib/session';

export const formats = ['csv', 'parquet'] as const;
export type FileFormat = (typeof formats)[number];
export const formatNames: Record<FileFormat, string> = { csv: 'CSV', parquet: 'Parquet' };

export interface Selection {
  machine: string;
  from: number;
  to: number;
  format: FileFormat;
}

/** How far a transfer is; `readings` can be counted in CSV only, `expected` is an estimate. */
export interface Progress {
  bytes: number;
  readings: number | null;
  expected: number | null;
}

export interface Downloaded extends Progress {
  name: string;
  content: Blob;
}

/** Why there is no file, for the person who wanted it. */
export class DownloadRefused extends Error {}

const lineEnd = 10;
const headerLines = 1;

function exportUrl({ machine, from, to, format }: Selection): string {
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return `/api/v1/readings/export?${new URLSearchParams({ machine, ...window, format })}`;
}

async function refusal(response: Response): Promise<DownloadRefused> {
  if (response.status === 401) {
    endSession();
  }
  const body: unknown = await response.json().catch(() => null);
  const detail = typeof body === 'object' && body !== null && 'detail' in body ? body.detail : null;
  return new DownloadRefused(typeof detail === 'string' ? detail : 'The server refused the request.');
}

function fileName(response: Response, format: FileFormat): string {
  const header = response.headers.get('Content-Disposition') ?? '';
  return /filename="([^"]+)"/.exec(header)?.[1] ?? `readings.${format}`;
}

function countLines(part: Uint8Array): number {
  let count = 0;
  for (let at = part.indexOf(lineEnd); at !== -1; at = part.indexOf(lineEnd, at + 1)) {
    count += 1;
  }
  return count;
}

/**
 * Fetches a file of readings part by part.
 *
 * Rejects with DownloadRefused when the server says why not, with an AbortError when `signal` stops it, and with
 * a TypeError when the connection breaks off: then the file is not whole and nothing of it is kept.
 */
export async function download(
  selection: Selection,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Downloaded> {
  const headers = { Authorization: `Bearer ${getSession()?.accessToken ?? ''}` };
  const response = await fetch(exportUrl(selection), { headers, signal });
  if (!response.ok || !response.body) {
    throw await refusal(response);
  }
  const estimate = response.headers.get('X-Estimated-Readings');
  const expected = estimate === null ? null : Number(estimate);
  const isCsv = selection.format === 'csv';
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = response.body.getReader();
  let [bytes, lines] = [0, 0];
  const progress = (): Progress => ({
    bytes,
    readings: isCsv ? Math.max(0, lines - headerLines) : null,
    expected,
  });
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    bytes += part.value.length;
    lines += isCsv ? countLines(part.value) : 0;
    onProgress(progress());
  }
  const type = response.headers.get('Content-Type') ?? '';
  return { ...progress(), name: fileName(response, selection.format), content: new Blob(parts, { type }) };
}

/** Whether the file holds no reading at all. */
export function isEmpty({ readings, expected }: Progress): boolean {
  return (readings ?? expected) === 0;
}
