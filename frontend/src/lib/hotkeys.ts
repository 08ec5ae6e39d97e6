import { useEffect, useRef } from 'react';

const sequenceWindowMs = 1200;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

function isInDialog(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('[role="dialog"]') !== null;
}

/**
 * Runs a handler for a key in lower case (`?`, `arrowdown`) or a sequence of two (`g f`). Silent while a person types or a dialog is open.
 */
export function useHotkeys(bindings: Readonly<Record<string, () => void>>): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  useEffect(() => {
    let prefix: { key: string; at: number } | undefined;
    const handleKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      if (isTyping(event.target) || isInDialog(event.target)) {
        return;
      }
      const key = event.key.toLowerCase();
      const isSequence = prefix !== undefined && event.timeStamp - prefix.at < sequenceWindowMs;
      const name = isSequence ? `${prefix?.key} ${key}` : key;
      prefix = undefined;
      const handler = latest.current[name];
      if (handler) {
        event.preventDefault();
        handler();
      } else if (Object.keys(latest.current).some((item) => item.startsWith(`${key} `))) {
        // Consumed here, so that the second key never reaches a list that listens for it alone.
        prefix = { key, at: event.timeStamp };
      }
    };
    const handleSecondKey = (event: KeyboardEvent): void => {
      if (
        prefix &&
        event.timeStamp - prefix.at < sequenceWindowMs &&
        latest.current[`${prefix.key} ${event.key.toLowerCase()}`]
      ) {
        event.stopPropagation();
        handleKey(event);
      }
    };
    document.addEventListener('keydown', handleSecondKey, { capture: true });
    document.addEventListener('keydown', handleKey);
    return () => {
      document.removeEventListener('keydown', handleSecondKey, { capture: true });
      document.removeEventListener('keydown', handleKey);
    };
  }, []);
}
