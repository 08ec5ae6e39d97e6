import { useCallback, useEffect, useRef, useState } from 'react';
import { saveFile } from '~/lib/saveFile';
import { createThrottle } from '~/lib/throttle';
import { DownloadRefused, download, isEmpty, type Progress, type Selection } from '../model/download';

export type DownloadState =
  | { kind: 'idle' }
  | { kind: 'running'; progress: Progress | null }
  | { kind: 'saved'; name: string; progress: Progress }
  | { kind: 'empty' }
  | { kind: 'cancelled' }
  | { kind: 'failed'; reason: string };

const showEveryMs = 200;
const brokenOff = 'The connection broke off. Nothing was saved; try again.';

/** One download at a time; leaving the page stops it. */
export function useDownload(): {
  state: DownloadState;
  start: (selection: Selection) => void;
  cancel: () => void;
} {
  const [state, setState] = useState<DownloadState>({ kind: 'idle' });
  const running = useRef<AbortController | null>(null);
  const cancel = useCallback(() => {
    running.current?.abort();
    running.current = null;
    setState({ kind: 'cancelled' });
  }, []);
  useEffect(() => () => running.current?.abort(), []);
  const start = useCallback((selection: Selection) => {
    const controller = new AbortController();
    running.current = controller;
    setState({ kind: 'running', progress: null });
    const finish = (outcome: DownloadState): void => {
      if (running.current === controller) {
        running.current = null;
        setState(outcome);
      }
    };
    let latest: Progress | null = null;
    const shown = createThrottle(() => {
      setState((now) => (running.current === controller ? { kind: 'running', progress: latest } : now));
    }, showEveryMs);
    const handleProgress = (progress: Progress): void => {
      latest = progress;
      shown.call();
    };
    download(selection, controller.signal, handleProgress).then(
      (file) => {
        if (controller.signal.aborted) {
          return;
        }
        if (isEmpty(file)) {
          finish({ kind: 'empty' });
        } else {
          saveFile(file.name, file.content);
          finish({ kind: 'saved', name: file.name, progress: file });
        }
      },
      (fault: unknown) => {
        finish({ kind: 'failed', reason: fault instanceof DownloadRefused ? fault.message : brokenOff });
      },
    );
  }, []);
  return { state, start, cancel };
}
