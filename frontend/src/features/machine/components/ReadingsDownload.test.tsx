import { MantineProvider } from '@mantine/core';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { endSession, getSession, startSession } from '~/lib/session';
import { session } from '~/testing/api';
import { ReadingsDownload } from './ReadingsDownload';

const server = setupServer();
const saved: { name: string; content: Promise<string> }[] = [];
const header = 'time,machine,metric,unit,value,quality\n';
const row = '2026-01-01T08:00:00.000Z,PUMP-1,flow,l/s,1.5,good\n';
const path = '*/api/v1/readings/export';
let blob = new Blob();

function textOf(content: Blob): Promise<string> {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.readAsText(content);
  });
}

beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
  URL.createObjectURL = (content: Blob) => {
    blob = content;
    return 'blob:file';
  };
  URL.revokeObjectURL = () => undefined;
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    saved.push({ name: this.download, content: textOf(blob) });
  });
});
beforeEach(() => {
  saved.length = 0;
  startSession(session);
  const getWindow = () => ({ from: Date.UTC(2026, 0, 1), to: Date.UTC(2026, 0, 2) });
  render(
    <MantineProvider env="test">
      <ReadingsDownload identifier="=PUMP & 1" getWindow={getWindow} />
    </MantineProvider>,
  );
});
afterEach(() => {
  endSession();
  server.resetHandlers();
});
afterAll(() => server.close());

function answer(body: BodyInit, headers: Record<string, string> = {}): void {
  server.use(http.get(path, () => new HttpResponse(body, { headers })));
}

/** A body of these parts that then goes on as `after` says. */
function streamed(
  parts: string[],
  after: (controller: ReadableStreamDefaultController) => void,
): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) {
        controller.enqueue(new TextEncoder().encode(part));
      }
      after(controller);
    },
  });
}

const click = (name: string) => userEvent.click(screen.getByRole('button', { name }));

describe('the download of readings', () => {
  it('asks for the shown window as the signed-in person and saves the file under the name it was given', async () => {
    let asked: Request | undefined;
    const disposition = { 'Content-Disposition': 'attachment; filename="readings-PUMP-1.csv"' };
    server.use(
      http.get(path, ({ request }) => {
        asked = request;
        return new HttpResponse(header + row, { headers: { ...disposition, 'X-Estimated-Readings': '1' } });
      }),
    );
    await click('Download CSV');
    expect(await screen.findByText(/^Saved readings-PUMP-1.csv \(89 bytes\)\.$/)).toBeInTheDocument();
    expect(saved.map(({ name }) => name)).toEqual(['readings-PUMP-1.csv']);
    expect(await saved[0]?.content).toBe(header + row);
    expect(Object.fromEntries(new URL(asked?.url ?? '').searchParams)).toEqual({
      machine: '=PUMP & 1',
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      format: 'csv',
    });
    expect(asked?.headers.get('Authorization')).toBe('Bearer token');
  });

  it('shows how far it is and keeps nothing when it is cancelled', async () => {
    answer(
      streamed([header + row, row], () => undefined),
      { 'X-Estimated-Readings': '4000' },
    );
    await click('Download CSV');
    expect(await screen.findByText('139 bytes loaded, 2 of about 4,000 readings')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Download Parquet' })).toBeDisabled();
    await click('Cancel download');
    expect(await screen.findByText('Cancelled; nothing was saved.')).toBeInTheDocument();
    expect(saved).toEqual([]);
    expect(screen.getByRole('button', { name: 'Download Parquet' })).toBeEnabled();
  });

  it('saves nothing of a transfer that broke off', async () => {
    answer(streamed([header + row], (controller) => controller.error(new TypeError('terminated'))));
    await click('Download CSV');
    expect(await screen.findByRole('alert')).toHaveTextContent('The connection broke off. Nothing was saved');
    expect(saved).toEqual([]);
  });

  it('says so when the window is empty', async () => {
    answer(header, { 'X-Estimated-Readings': '7' });
    await click('Download CSV');
    expect(await screen.findByText(/There are no readings in this window/)).toBeInTheDocument();
    answer('PAR1PAR1', { 'X-Estimated-Readings': '0' });
    await click('Download Parquet');
    await waitFor(() => expect(screen.getByRole('button', { name: 'Download Parquet' })).toBeEnabled());
    expect(screen.getByText(/There are no readings in this window/)).toBeInTheDocument();
    expect(saved).toEqual([]);
  });

  it('shows what the server says, and signs out when the token is refused', async () => {
    const refuse = (detail: unknown, status: number) =>
      server.use(http.get(path, () => HttpResponse.json({ detail }, { status })));
    refuse('4 exports are running already.', 503);
    await click('Download Parquet');
    expect(await screen.findByRole('alert')).toHaveTextContent('4 exports are running already.');
    refuse([{ loc: ['query'], msg: 'x', type: 'y' }], 422);
    await click('Download Parquet');
    expect(await screen.findByText('The server refused the request.')).toBeInTheDocument();
    expect(getSession()).not.toBeNull();
    refuse('Invalid authentication token.', 401);
    await click('Download Parquet');
    await waitFor(() => expect(getSession()).toBeNull());
  });
});
