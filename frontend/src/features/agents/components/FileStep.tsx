import { NativeSelect, TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Note } from '~/ui/Note';
import {
  type FileProtocol,
  type FirstFile,
  fieldWords,
  fileProtocols,
  isOpenAddress,
} from '../model/agentFile';
import { CodeBlock } from './CodeBlock';
import classes from './ConnectAgent.module.css';

interface FileStepProps {
  first: FirstFile;
  machines: readonly { identifier: string; name: string }[] | null;
  text: string;
  onChange: (part: Partial<FirstFile>) => void;
}

type TextField = Exclude<keyof FirstFile, 'protocol' | 'name'>;

function FirstSource({ first, machines, onChange }: Omit<FileStepProps, 'text'>) {
  const words = fieldWords[first.protocol];
  const field = (key: TextField, label: string, isRequired = true) => (
    <TextInput
      label={label}
      size="md"
      required={isRequired}
      withAsterisk={false}
      maxLength={255}
      value={first[key]}
      onChange={(event) => onChange({ [key]: event.currentTarget.value })}
    />
  );
  return (
    <div className={classes.fields}>
      <NativeSelect
        label="What it reads first"
        size="md"
        value={first.protocol}
        data={fileProtocols.map((value) => ({ value, label: fieldWords[value].word }))}
        onChange={(event) => onChange({ protocol: event.currentTarget.value as FileProtocol })}
      />
      <TextInput
        label="Identifier of the machine"
        size="md"
        list="machine-identifiers"
        required
        withAsterisk={false}
        maxLength={255}
        value={first.machineIdentifier}
        onChange={(event) => onChange({ machineIdentifier: event.currentTarget.value })}
      />
      <datalist id="machine-identifiers">
        {machines?.map(({ identifier, name }) => (
          <option key={identifier} value={identifier}>
            {name}
          </option>
        ))}
      </datalist>
      {field('address', words.address)}
      {words.time && field('time', words.time)}
      {field('tag', words.tag)}
      {field('metricName', 'Name of the metric')}
      {field('unit', 'Unit', false)}
    </div>
  );
}

/** The first `agent.toml`: one source with one value, to be grown in a text editor. */
export function FileStep({ first, machines, text, onChange }: FileStepProps) {
  const origin = window.location.origin;
  const isKnown = machines?.some(({ identifier }) => identifier === first.machineIdentifier) ?? true;
  return (
    <li className="pw-panel pw-stack" aria-labelledby="file-step">
      <h2 id="file-step">2. Write its configuration</h2>
      {isOpenAddress(origin) && (
        <Note>
          This page was opened at {origin}, without encryption: an agent on another computer refuses that
          address. Put the server’s https address into api_url.
        </Note>
      )}
      <div className={classes.columns}>
        <FirstSource first={first} machines={machines} onChange={onChange} />
        <div className="pw-stack">
          {!isKnown && (
            <Note>
              {first.machineIdentifier
                ? `No machine has the identifier “${first.machineIdentifier}”, so its readings would be rejected. `
                : 'Readings belong to a machine, and there is none yet. '}
              <Link to="/fleet">Add the machine</Link> first.
            </Note>
          )}
          <CodeBlock label="agent.toml" text={text} fileName="agent.toml" />
          <p className="pw-dim">
            Keep the file from others (mode 600): it holds the key. More sources and more values are further
            tables of the same form.
          </p>
        </div>
      </div>
    </li>
  );
}
