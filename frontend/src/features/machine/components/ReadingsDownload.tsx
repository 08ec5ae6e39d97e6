import { Button } from '@mantine/core';
import { formatBytes, formatCount } from '~/lib/format';
import { type DownloadState, useDownload } from '../hooks/useDownload';
import { formatNames, formats, type Progress } from '../model/download';

interface ReadingsDownloadProps {
  identifier: string;
  /** The window that is shown, in milliseconds since 1970. */
  getWindow: () => { from: number; to: number };
}

function describeProgress(progress: Progress | null): string {
  if (!progress) {
    return 'Preparing the file…';
  }
  const { bytes, readings, expected } = progress;
  const total = expected ? ` of about ${formatCount(expected)} readings` : '';
  if (readings === null) {
    return `${formatBytes(bytes)} loaded${total && `, the file${total}`}`;
  }
  return `${formatBytes(bytes)} loaded, ${formatCount(readings)}${total || ' readings'}`;
}

function describe(state: DownloadState): string {
  switch (state.kind) {
    case 'idle':
      return '';
    case 'running':
      return describeProgress(state.progress);
    case 'saved':
      return `Saved ${state.name} (${formatBytes(state.progress.bytes)}).`;
    case 'empty':
      return 'There are no readings in this window; no file was saved.';
    case 'cancelled':
      return 'Cancelled; nothing was saved.';
    case 'failed':
      return state.reason;
  }
}

/** Saves the readings of the shown window as a file, with every quality and every reading. */
export function ReadingsDownload({ identifier, getWindow }: ReadingsDownloadProps) {
  const { state, start, cancel } = useDownload();
  const isRunning = state.kind === 'running';
  return (
    <section className="pw-row" aria-label="Download of readings">
      {formats.map((format) => (
        <Button
          key={format}
          variant="default"
          className="pw-target"
          disabled={isRunning}
          onClick={() => start({ machine: identifier, ...getWindow(), format })}
        >
          Download {formatNames[format]}
        </Button>
      ))}
      {isRunning && (
        <Button variant="default" className="pw-target" onClick={cancel}>
          Cancel download
        </Button>
      )}
      <span role={state.kind === 'failed' ? 'alert' : 'status'}>{describe(state)}</span>
    </section>
  );
}
