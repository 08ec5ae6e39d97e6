import { useState } from 'react';

/** Copies a text, and says whether the browser let it. */
export function useCopy(): { outcome: string; copy: (text: string) => Promise<void> } {
  const [outcome, setOutcome] = useState('');
  const copy = async (text: string): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('Copied.');
    } catch {
      // Browsers allow the clipboard on HTTPS and localhost only.
      setOutcome('The browser does not allow copying here: select the text and copy it.');
    }
  };
  return { outcome, copy };
}
