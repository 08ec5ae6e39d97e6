import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { formatDateTime } from '~/lib/format';
import { toLocalInput } from '~/lib/localInput';
import { ToggleFilter } from '~/ui/ToggleFilter';
import { type MachineSearch, type ViewWindow, windowLengths, windowNames } from '../model/search';

interface WindowPickerProps {
  view: ViewWindow;
  onChange: (search: Pick<MachineSearch, 'window' | 'from' | 'to'>) => void;
}

function FreeWindow({ view, onChange }: WindowPickerProps) {
  const now = Date.now();
  const start = view.kind === 'fixed' ? view : { from: now - view.ms, to: now };
  const [from, setFrom] = useState(toLocalInput(start.from));
  const [to, setTo] = useState(toLocalInput(start.to));
  const isReversed = Date.parse(from) >= Date.parse(to);
  const handleSubmit = (event: FormEvent): void => {
    event.preventDefault();
    onChange({ from: Date.parse(from), to: Date.parse(to) });
  };
  return (
    <form className="pw-row pw-row-end" onSubmit={handleSubmit} aria-label="Free window">
      <TextInput
        label="From"
        type="datetime-local"
        step={1}
        size="md"
        required
        withAsterisk={false}
        value={from}
        onChange={(event) => setFrom(event.currentTarget.value)}
      />
      <TextInput
        label="To"
        type="datetime-local"
        step={1}
        size="md"
        required
        withAsterisk={false}
        value={to}
        onChange={(event) => setTo(event.currentTarget.value)}
      />
      <Button type="submit" size="md" variant="default" className="pw-target" disabled={isReversed}>
        {isReversed ? 'From must be before To' : 'Show'}
      </Button>
    </form>
  );
}

/** Chooses a live window by its length, or a free one by its ends. */
export function WindowPicker({ view, onChange }: WindowPickerProps) {
  const [isFreeOpen, setIsFreeOpen] = useState(false);
  return (
    <div className="pw-stack">
      <div className="pw-row pw-row-end">
        <ToggleFilter
          label="Window"
          words={windowNames}
          selected={view.kind === 'live' ? [view.name] : []}
          describe={(name) => windowLengths[name].label}
          onChange={(names) =>
            onChange({ window: names.at(-1) ?? (view.kind === 'live' ? view.name : undefined) })
          }
        />
        <Button
          size="md"
          variant="default"
          className="pw-target"
          aria-expanded={isFreeOpen}
          onClick={() => setIsFreeOpen(!isFreeOpen)}
        >
          Free window
        </Button>
        {view.kind === 'fixed' && (
          <span>
            {formatDateTime(view.from)} to {formatDateTime(view.to)}
          </span>
        )}
      </div>
      {isFreeOpen && (
        <FreeWindow key={view.kind === 'fixed' ? view.from : view.name} view={view} onChange={onChange} />
      )}
    </div>
  );
}
