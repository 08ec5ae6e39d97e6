import { Button } from '@mantine/core';
import { formatDateTime } from '~/lib/format';
import { saveFile } from '~/lib/saveFile';
import { Note } from '~/ui/Note';
import type { Report } from '../hooks/useSourceTest';
import { formatFingerprint } from '../model/connection';
import { derOfPem } from '../model/testReport';
import classes from './TestSteps.module.css';

interface ServerTrustProps {
  certificate: NonNullable<Report['serverCertificate']>;
  /** The one that was confirmed before, when it is another one now. */
  confirmed: string | null;
  onConfirm: ((fingerprint: string) => void) | undefined;
}

/** The certificate that a server shows for the first time, or in place of the one that was confirmed. */
export function ServerTrust({ certificate, confirmed, onConfirm }: ServerTrustProps) {
  const { fingerprint, subject, notBefore, notAfter } = certificate;
  return (
    <Note role="status">
      <div className="pw-stack">
        <h3>{confirmed ? 'The server shows another certificate than before' : 'Is this your server?'}</h3>
        <p>
          {confirmed
            ? 'Find out why before you trust it: was the server replaced or its certificate renewed? If nobody knows, somebody may have put himself in between.'
            : 'Compare the fingerprint with the one that the server shows in its own settings, or have its administrator read it to you. Nothing is sent to the server before you confirm it.'}
        </p>
        <p className={classes.fingerprint}>
          <span className="pw-hidden">SHA-256 fingerprint </span>
          {formatFingerprint(fingerprint)}
        </p>
        <p className="pw-dim">
          {subject}. Valid from {formatDateTime(notBefore)} to {formatDateTime(notAfter)}. SHA-256.
        </p>
        {onConfirm && (
          <div>
            <Button className="pw-target" onClick={() => onConfirm(fingerprint)}>
              It is the same: trust this server
            </Button>
          </div>
        )}
      </div>
    </Note>
  );
}

/** Our own certificate, for the administrator of the server to trust. */
export function OwnCertificate({ certificate }: { certificate: NonNullable<Report['clientCertificate']> }) {
  const { pem, fingerprint } = certificate;
  return (
    <details>
      <summary className="pw-target">Our certificate, for the server’s administrator</summary>
      <div className="pw-stack">
        <p>
          The server has to trust us too. Give its administrator this file; many servers also list a
          certificate that they have refused, ready to be trusted.
        </p>
        <p className={classes.fingerprint}>
          <span className="pw-hidden">SHA-256 fingerprint of our certificate </span>
          {formatFingerprint(fingerprint)}
        </p>
        <div className="pw-row">
          <Button
            variant="default"
            className="pw-target"
            onClick={() => saveFile('plantwright.der', new Blob([derOfPem(pem)]))}
          >
            Download as DER
          </Button>
          <Button
            variant="default"
            className="pw-target"
            onClick={() => saveFile('plantwright.pem', new Blob([pem]))}
          >
            Download as PEM
          </Button>
        </div>
      </div>
    </details>
  );
}
