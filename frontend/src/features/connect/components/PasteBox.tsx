import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { formatCount } from '~/lib/format';
import { type ConnectDraft, tagProtocol } from '../model/draft';
import { pastedTags } from '../model/paste';
import classes from './Connect.module.css';
import type { StepProps } from './step';

function browseCommand({ protocol, connection }: ConnectDraft): string {
  if (protocol === 'MODBUS_TCP') {
    const { host, port, unitId } = connection;
    return `plantwright-agent browse modbus ${host.trim()} --port ${port} --unit-id ${unitId} --toml`;
  }
  const user = connection.username.trim() ? ` --username ${connection.username.trim()}` : '';
  return `plantwright-agent browse opcua ${connection.endpointUrl.trim()}${user} --toml`;
}

/** Takes over what the agent has seen of the device, where this server sees nothing of it. */
export function PasteBox({ draft, change }: Pick<StepProps, 'draft' | 'change'>) {
  const [text, setText] = useState('');
  const [said, setSaid] = useState<string | null>(null);
  if (tagProtocol(draft) === null) {
    return (
      <p className="pw-dim">
        A row for each column or key of the file that is a metric. A dot goes one object deeper in JSON:
        motor.winding.temp.
      </p>
    );
  }
  const handleTake = (): void => {
    const { tags, refused } = pastedTags(text);
    const fresh = tags.filter(({ tag }) => !draft.tags.some((known) => known.tag === tag));
    change({ tags: [...draft.tags, ...fresh] });
    const skipped = refused > 0 ? ` ${formatCount(refused)} cannot become readings and were left out.` : '';
    setSaid(`${formatCount(fresh.length)} added.${skipped}`);
    if (tags.length > 0) {
      setText('');
    }
  };
  return (
    <details open={draft.tags.length === 0}>
      <summary className="pw-target">Paste what the agent sees</summary>
      <div className="pw-stack">
        <p>On the agent’s machine, run this and paste what it prints:</p>
        <pre className={classes.code}>{browseCommand(draft)}</pre>
        <Textarea
          label="Output of browse"
          autosize
          minRows={4}
          maxRows={12}
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <div className="pw-row">
          <Button variant="default" className="pw-target" disabled={!text.trim()} onClick={handleTake}>
            Take over
          </Button>
          {said && <span role="status">{said}</span>}
        </div>
      </div>
    </details>
  );
}
