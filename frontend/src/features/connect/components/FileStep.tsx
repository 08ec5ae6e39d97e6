import { Button, CopyButton, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { saveFile } from '~/lib/saveFile';
import { agentFileOf } from '../model/agentFile';
import classes from './Connect.module.css';
import { StepFooter } from './StepFooter';
import { StepPanel } from './StepPanel';
import type { StepProps } from './step';

/** The configuration that has the agent read the machine. */
export function FileStep({ draft, onNext, onBack }: StepProps) {
  const [form, setForm] = useState<'yaml' | 'toml'>('yaml');
  const file = agentFileOf(draft);
  const text = file[form];
  const fileName = `${file.sourceName}.${form}`;
  return (
    <StepPanel title="Give it to the agent">
      <NativeSelect
        label="Form"
        size="md"
        value={form}
        onChange={(event) => setForm(event.currentTarget.value as 'yaml' | 'toml')}
        data={[
          { value: 'yaml', label: 'A file of its own in sources.d (YAML)' },
          { value: 'toml', label: 'A part of agent.toml' },
        ]}
      />
      <p>
        {form === 'yaml' ? (
          <>
            Save it as <span className="pw-code">{fileName}</span> in the folder{' '}
            <span className="pw-code">sources.d</span> beside the agent’s configuration. A running agent takes
            it within seconds; a mistake is refused with its line while everything else runs on.
          </>
        ) : (
          <>
            Add it at the end of <span className="pw-code">agent.toml</span>. A running agent takes it within
            seconds; a mistake is refused with its line while everything else runs on.
          </>
        )}
      </p>
      <section aria-label="Configuration">
        <pre className={classes.code}>{text}</pre>
      </section>
      <div className="pw-row">
        <Button
          variant="default"
          className="pw-target"
          onClick={() => saveFile(fileName, new Blob([text], { type: 'text/plain' }))}
        >
          Download
        </Button>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" className="pw-target" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </div>
      {file.passwordVariable && (
        <p>
          The password stays out of the file: put it into the agent’s environment as{' '}
          <span className="pw-code">{file.passwordVariable}</span>.
        </p>
      )}
      {draft.protocol === 'OPC_UA' && draft.connection.securityMode !== 'NONE' && (
        <p>
          Then let agent and server trust each other:{' '}
          <span className="pw-code">plantwright-agent trust opcua {file.sourceName}</span> shows both
          certificates.
        </p>
      )}
      <StepFooter next="Wait for the first values" canGoOn onNext={onNext} onBack={onBack} />
    </StepPanel>
  );
}
