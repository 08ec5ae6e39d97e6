import { Button } from '@mantine/core';
import { useState } from 'react';
import { formatDateTime } from '~/lib/format';
import tables from '~/ui/DataTable.module.css';
import { Dialog } from '~/ui/Dialog';

interface ApiKeyItem {
  id: string;
  name: string;
  prefix: string;
  scopes: readonly string[];
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
}

function describeKeyState({ revokedAt, expiresAt }: ApiKeyItem): string {
  if (revokedAt) {
    return `Revoked ${formatDateTime(revokedAt)}`;
  }
  if (!expiresAt) {
    return 'Valid';
  }
  return Date.parse(expiresAt) < Date.now()
    ? `Expired ${formatDateTime(expiresAt)}`
    : `Valid until ${formatDateTime(expiresAt)}`;
}

interface ApiKeyTableProps {
  keys: readonly ApiKeyItem[];
  onRevoke: (id: string) => void;
}

export function ApiKeyTable({ keys, onRevoke }: ApiKeyTableProps) {
  const [revoking, setRevoking] = useState<ApiKeyItem | null>(null);
  const handleConfirm = (): void => {
    if (revoking) {
      onRevoke(revoking.id);
    }
    setRevoking(null);
  };
  return (
    <>
      <div className={tables.frame}>
        <table className={tables.table}>
          <caption className="pw-hidden">API keys</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Begins with</th>
              <th scope="col">May</th>
              <th scope="col">State</th>
              <th scope="col">Last used</th>
              <th scope="col">Action</th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.id}>
                <td>{key.name}</td>
                <td className="pw-code">{key.prefix}…</td>
                <td>{key.scopes.join(', ')}</td>
                <td>{describeKeyState(key)}</td>
                <td>{key.lastUsedAt ? formatDateTime(key.lastUsedAt) : 'Never'}</td>
                <td>
                  {!key.revokedAt && (
                    <Button
                      variant="default"
                      className="pw-target"
                      aria-label={`Revoke ${key.name}`}
                      onClick={() => setRevoking(key)}
                    >
                      Revoke
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <Dialog title="Revoke API key" isOpen={revoking !== null} onClose={() => setRevoking(null)}>
        <div className="pw-stack">
          <p>
            Every agent that uses “{revoking?.name}” stops sending at once and keeps its readings until it has
            a new key. This cannot be undone.
          </p>
          <div className="pw-row">
            <Button className="pw-target" onClick={handleConfirm}>
              Revoke this key
            </Button>
            <Button variant="default" className="pw-target" onClick={() => setRevoking(null)}>
              Keep it
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
