import { Button } from '@mantine/core';
import { useCopy } from '~/lib/clipboard';
import { Dialog } from '~/ui/Dialog';

interface SecretDialogProps {
  secret: string;
  /** Whether it takes the place of one that receivers know. */
  isRotated: boolean;
  onClose: () => void;
}

/** Shows a signing secret this once. */
export function SecretDialog({ secret, isRotated, onClose }: SecretDialogProps) {
  const { outcome, copy } = useCopy();
  return (
    <Dialog title="Signing secret" isOpen onClose={onClose}>
      <div className="pw-stack">
        <p>
          Copy the secret now; it is shown only this once. The receiver checks the header webhook-signature
          with it.
        </p>
        {isRotated && (
          <p>The secret before stays valid for a day: messages carry both signatures until then.</p>
        )}
        <code className="pw-code pw-panel" data-testid="signing-secret">
          {secret}
        </code>
        <div className="pw-row">
          <Button className="pw-target" onClick={() => void copy(secret)}>
            Copy the secret
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
