import { Button } from '@mantine/core';
import { useCopy } from '~/lib/clipboard';
import { Dialog } from '~/ui/Dialog';

interface NewKeyDialogProps {
  plaintextKey: string;
  onClose: () => void;
}

/** Shows a new key this once. */
export function NewKeyDialog({ plaintextKey, onClose }: NewKeyDialogProps) {
  const { outcome, copy } = useCopy();
  return (
    <Dialog title="New API key" isOpen onClose={onClose}>
      <div className="pw-stack">
        <p>Copy the key now. It is shown only this once and cannot be read again.</p>
        <code className="pw-code pw-panel" data-testid="new-api-key">
          {plaintextKey}
        </code>
        <div className="pw-row">
          <Button className="pw-target" onClick={() => void copy(plaintextKey)}>
            Copy the key
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Done
          </Button>
          <span role="status">{outcome}</span>
        </div>
      </div>
    </Dialog>
  );
}
