import { Button, NativeSelect, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { Outcome, UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useChannelMutations } from '../hooks/useChannelMutations';
import {
  type ChannelDraft,
  draftOf,
  draftProblems,
  fieldOf,
  newDraft,
  toConfig,
} from '../model/channelDraft';
import type { Channel, ChannelType } from '../model/channelFragment';
import { languageWords } from '../model/languages';
import { typeWords } from '../model/typeWords';
import { ChannelFields } from './ChannelFields';
import classes from './Notifications.module.css';

/** A webhook has a secret when it is new. */
interface Saved {
  channel: Channel;
  signingSecret: string | null;
}

interface ChannelDialogProps {
  types: readonly ChannelType[];
  /** The one to change; none makes a new one. */
  channel: Channel | null;
  onClose: () => void;
  onSaved: (saved: Saved) => void;
}

interface HeadProps {
  draft: ChannelDraft;
  types: readonly ChannelType[];
  isNew: boolean;
  problems: Readonly<Record<string, string>>;
  onChange: (part: Partial<ChannelDraft>) => void;
  onType: (type: string) => void;
}

function Head({ draft, types, isNew, problems, onChange, onType }: HeadProps) {
  return (
    <div className={classes.fields}>
      {isNew && (
        <NativeSelect
          label="Type"
          size="md"
          data-autofocus
          value={draft.type}
          onChange={(event) => onType(event.currentTarget.value)}
          data={types.map(({ type }) => ({ value: type, label: typeWords(type).name }))}
        />
      )}
      <TextInput
        label="Name"
        size="md"
        maxLength={100}
        placeholder="Such as: night shift"
        value={draft.name}
        error={problems.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <NativeSelect
        label="Language"
        size="md"
        value={draft.language}
        onChange={(event) => onChange({ language: event.currentTarget.value as ChannelDraft['language'] })}
        data={Object.entries(languageWords).map(([value, label]) => ({ value, label }))}
      />
      <TextInput
        label="Most messages a minute"
        size="md"
        inputMode="numeric"
        value={draft.ratePerMinute}
        error={problems.ratePerMinute}
        onChange={(event) => onChange({ ratePerMinute: event.currentTarget.value })}
      />
      <Switch
        className="pw-target"
        size="md"
        label="Keep the order: hold messages while an earlier one waits"
        checked={draft.keepsOrder}
        onChange={(event) => onChange({ keepsOrder: event.currentTarget.checked })}
      />
    </div>
  );
}

/** Makes a channel or changes one, with the fields that its type has. */
export function ChannelDialog({ types, channel, onClose, onSaved }: ChannelDialogProps) {
  const { create, update } = useChannelMutations();
  const typeOf = (type: string): ChannelType =>
    types.find((one) => one.type === type) ?? { type, fields: [] };
  const [start, setStart] = useState<ChannelDraft>(() =>
    channel ? draftOf(channel, typeOf(channel.type)) : newDraft(types[0] ?? { type: '', fields: [] }),
  );
  const [draft, setDraft] = useState(start);
  const [wasSent, setWasSent] = useState(false);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const type = typeOf(draft.type);
  const own = draftProblems(draft, type, channel?.hasSecrets ?? false);
  const refused = problem ? fieldOf(problem.path) : '';
  const isPlaced = refused in draft.values || refused === 'name';
  const problems = {
    ...(wasSent ? own : {}),
    ...(problem && isPlaced ? { [refused]: problem.message } : {}),
  };

  const chooseType = (name: string): void => {
    const fresh = { ...newDraft(typeOf(name)), name: draft.name, language: draft.language };
    setStart(fresh);
    setDraft(fresh);
    setWasSent(false);
    setProblem(null);
  };
  const send = async (): Promise<Outcome<Saved>> => {
    const { name, language, keepsOrder } = draft;
    const settings = { name: name.trim(), language, keepsOrder, ratePerMinute: Number(draft.ratePerMinute) };
    if (!channel) {
      return create({ ...settings, type: draft.type, config: toConfig(draft.values, type) });
    }
    const isChanged = JSON.stringify(draft.values) !== JSON.stringify(start.values);
    const config = isChanged ? { config: toConfig(draft.values, type) } : {};
    const outcome = await update({ id: channel.id, ...settings, ...config });
    return outcome.ok
      ? { ok: true, value: { channel: outcome.value.channel, signingSecret: null } }
      : outcome;
  };
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setWasSent(true);
    if (Object.keys(own).length > 0) {
      return;
    }
    setIsSending(true);
    const outcome = await send();
    setIsSending(false);
    if (outcome.ok) {
      onSaved(outcome.value);
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={channel ? `Edit ${channel.name}` : 'New channel'} isOpen onClose={onClose} size="xl">
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && !isPlaced && <Note role="alert">{problem.message}</Note>}
        <Head
          draft={draft}
          types={types}
          isNew={channel === null}
          problems={problems}
          onChange={(part) => setDraft((old) => ({ ...old, ...part }))}
          onType={chooseType}
        />
        <p className="pw-dim">{typeWords(draft.type).hint}</p>
        <ChannelFields
          fields={type.fields}
          values={draft.values}
          problems={problems}
          hasSecrets={channel?.hasSecrets ?? false}
          onChange={(name, value) =>
            setDraft((old) => ({ ...old, values: { ...old.values, [name]: value } }))
          }
        />
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending}>
            {channel ? 'Save' : 'Add the channel'}
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
