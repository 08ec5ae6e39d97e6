import { Button, FileInput } from '@mantine/core';
import { useState } from 'react';
import { toKeyText } from '../model/keyFile';
import type { ConnectionFieldsProps } from './ConnectionFields';
import classes from './Sources.module.css';

// More than the server takes, which then says so; a file that was chosen by mistake is not read whole.
const mostBytes = 30_000;

type Name = 'userCertificate' | 'userPrivateKey';

/** Files in place of user name and password, for servers that know their users by certificate. */
export function UserCertificateFields({
  draft,
  problems,
  onChange,
  hasUserCertificate,
}: ConnectionFieldsProps) {
  const [files, setFiles] = useState<Partial<Record<Name, File | null>>>({});
  const isStored = hasUserCertificate && draft.userCertificate === null;
  const choose = async (name: Name, file: File | null): Promise<void> => {
    setFiles((old) => ({ ...old, [name]: file }));
    const nothing = name === 'userCertificate' && hasUserCertificate ? null : '';
    const content = await file?.slice(0, mostBytes).arrayBuffer();
    onChange({ [name]: content ? toKeyText(new Uint8Array(content)) : nothing });
  };
  const field = (name: Name, label: string) => (
    <FileInput
      label={label}
      size="md"
      clearable
      accept=".pem,.der,.crt,.cer,.key"
      placeholder={isStored ? 'Stored; choose a file to replace it' : 'PEM or DER'}
      value={files[name] ?? null}
      error={problems[name]}
      onChange={(file) => void choose(name, file)}
    />
  );
  return (
    <>
      {field('userCertificate', 'Or: certificate of the user')}
      {field('userPrivateKey', 'Its private key')}
      {isStored && (
        <div className={classes.wholeLine}>
          <Button
            variant="default"
            className="pw-target"
            onClick={() => onChange({ userCertificate: '', userPrivateKey: '' })}
          >
            Connect without the stored certificate
          </Button>
        </div>
      )}
    </>
  );
}
