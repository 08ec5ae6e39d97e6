import { Button } from '@mantine/core';
import { useState } from 'react';
import { Dialog } from '~/ui/Dialog';

interface NewKeyDialogProps {
  plaintextKey: string;
  onClose: () => void;
}

/** Shows a new key this once. */
export function NewKeyDialog({ plaintextKey, onClose }: NewKeyDialogProps) {
  const [copyState, setCopyState] = useState('');
  const handleCopy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(plaintextKey);
      setCopyState('Copied.');
    } catch {
      // Browsers allow the clipboard on HTTPS and localhost only.
      setCopyState('The browser does not allow copying here: select the text and copy it.');
    }
  };
  return (
    <Dialog title="New API key" isOpen onClose={onClose}>
      <div className="pw-stack">
        <p>Copy the key now. It is shown only this once and cannot be read again.</p>
        <code className="pw-code pw-panel" data-testid="new-api-key">
          {plaintextKey}
        </code>
        <div className="pw-row">
          <Button className="pw-target" onClick={() => void handleCopy()}>
            Copy the key
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Done
          </Button>
          <span role="status">{copyState}</span>
        </div>
      </div>
    </Dialog>
  );
}
