import { Button, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { severities, severityWords } from '~/lib/alarm';
import { Dialog } from '~/ui/Dialog';
import { useMachineNames } from '~/ui/MachineFilter';
import { Note } from '~/ui/Note';
import type { Channel } from '../model/channelFragment';
import { eventWords, routedEvents } from '../model/events';
import { newRoute, type RouteDraft, routeDraftOf, toRouteInput } from '../model/routeDraft';
import type { NotificationRoute } from '../model/routeFragment';
import { Choices } from './Choices';

interface RouteDialogProps {
  /** The one to change; none makes a new one. */
  route: NotificationRoute | null;
  channels: readonly Channel[];
  save: (id: string | null, input: ReturnType<typeof toRouteInput>) => Promise<UserProblem | null>;
  onClose: () => void;
}

function Where({ draft, change }: { draft: RouteDraft; change: (part: Partial<RouteDraft>) => void }) {
  const machines = useMachineNames();
  return (
    <>
      <TextInput
        label="Only of these sites (empty: all)"
        description="Names of sites, separated by commas"
        size="md"
        value={draft.sites}
        onChange={(event) => change({ sites: event.currentTarget.value })}
      />
      <details open={draft.machineIds.length > 0}>
        <summary className="pw-target">Machines</summary>
        <Choices
          label="Only of these machines"
          hint="In addition to those of the sites; none ticked and no site named means all."
          options={[...machines].map(([value, label]) => ({ value, label }))}
          selected={draft.machineIds}
          onChange={(machineIds) => change({ machineIds })}
        />
      </details>
    </>
  );
}

/** Makes a route or changes one: which events, how severe, from where, to whom. */
export function RouteDialog({ route, channels, save, onClose }: RouteDialogProps) {
  const [draft, setDraft] = useState<RouteDraft>(() => (route ? routeDraftOf(route) : newRoute()));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const change = (part: Partial<RouteDraft>): void => setDraft((old) => ({ ...old, ...part }));
  const isComplete = draft.name.trim() !== '' && draft.events.length > 0 && draft.channelIds.length > 0;
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const refused = await save(route?.id ?? null, toRouteInput(draft));
    setIsSending(false);
    setProblem(refused);
    if (!refused) {
      onClose();
    }
  };
  return (
    <Dialog title={route ? `Edit ${route.name}` : 'New route'} isOpen onClose={onClose} size="xl">
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        <TextInput
          label="Name"
          size="md"
          maxLength={100}
          data-autofocus
          placeholder="Such as: criticals of hall 2"
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Choices
          label="Events"
          options={routedEvents.map((value) => ({ value, label: eventWords[value] }))}
          selected={draft.events}
          onChange={(events) => change({ events })}
        />
        <Choices
          label="Severities"
          hint="None ticked means all."
          options={severities.map((value) => ({ value, label: severityWords[value] }))}
          selected={draft.severities}
          onChange={(chosen) => change({ severities: chosen })}
        />
        <Where draft={draft} change={change} />
        <Choices
          label="To these channels"
          options={channels.map(({ id, name }) => ({ value: id, label: name }))}
          selected={draft.channelIds}
          onChange={(channelIds) => change({ channelIds })}
        />
        <Switch
          className="pw-target"
          size="md"
          label="In use"
          checked={draft.isActive}
          onChange={(event) => change({ isActive: event.currentTarget.checked })}
        />
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending || !isComplete}>
            {route ? 'Save' : 'Add the route'}
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
          {!isComplete && <span className="pw-dim">A name, an event and a channel are needed.</span>}
        </div>
      </form>
    </Dialog>
  );
}
