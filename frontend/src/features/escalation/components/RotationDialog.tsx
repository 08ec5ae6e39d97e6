import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Dialog } from '~/ui/Dialog';
import { Note } from '~/ui/Note';
import { useRotationMutations } from '../hooks/useRotationMutations';
import { useTargets } from '../hooks/useTargets';
import type { Rotation } from '../model/rotation';
import {
  isRotationComplete,
  mostLayers,
  newLayer,
  toRotationDraft,
  toRotationInput,
} from '../model/rotationDraft';
import classes from './Escalation.module.css';
import { LayerFields } from './LayerFields';

interface RotationDialogProps {
  /** Null for a new one. */
  rotation: Rotation | null;
  onClose: () => void;
  onChanged: () => void;
}

/** Makes or changes a rotation. */
export function RotationDialog({ rotation, onClose, onChanged }: RotationDialogProps) {
  const { create, update } = useRotationMutations();
  const { people } = useTargets();
  const [draft, setDraft] = useState(() => toRotationDraft(rotation, Date.now()));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isSending, setIsSending] = useState(false);
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsSending(true);
    const input = toRotationInput(draft);
    const outcome = await (rotation ? update(rotation.id, rotation.version, input) : create(input));
    setIsSending(false);
    if (outcome.ok) {
      onChanged();
      onClose();
    } else {
      setProblem(outcome.problem);
    }
  };
  return (
    <Dialog title={rotation ? `Edit ${rotation.name}` : 'New rotation'} isOpen onClose={onClose} size="xl">
      <form className="pw-stack" noValidate onSubmit={(event) => void handleSubmit(event)}>
        {problem && <Note role="alert">{problem.message}</Note>}
        <div className={classes.fields}>
          <TextInput
            label="Name"
            size="md"
            maxLength={100}
            data-autofocus
            value={draft.name}
            onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          />
          <TextInput
            label="Time zone"
            size="md"
            list="escalation-zones"
            value={draft.timeZone}
            onChange={(event) => setDraft({ ...draft, timeZone: event.currentTarget.value })}
          />
        </div>
        <ZoneList />
        {draft.layers.length > 1 && (
          <p className="pw-dim">Of two layers that have somebody at a time, the later one counts.</p>
        )}
        {draft.layers.map((layer, index) => (
          <LayerFields
            key={layer.key}
            layer={layer}
            number={index + 1}
            people={people}
            canRemove={draft.layers.length > 1}
            onChange={(part) =>
              setDraft((old) => ({
                ...old,
                layers: old.layers.map((one) => (one.key === layer.key ? { ...one, ...part } : one)),
              }))
            }
            onRemove={() =>
              setDraft((old) => ({ ...old, layers: old.layers.filter(({ key }) => key !== layer.key) }))
            }
          />
        ))}
        {draft.layers.length < mostLayers && (
          <div>
            <Button
              variant="default"
              className="pw-target"
              onClick={() => setDraft((old) => ({ ...old, layers: [...old.layers, newLayer(Date.now())] }))}
            >
              Add a layer on top
            </Button>
          </div>
        )}
        <div className="pw-row">
          <Button type="submit" className="pw-target" disabled={isSending || !isRotationComplete(draft)}>
            {rotation ? 'Save' : 'Make the rotation'}
          </Button>
          <Button variant="default" className="pw-target" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** The time zones that the browser knows, as suggestions. */
export function ZoneList() {
  return (
    <datalist id="escalation-zones">
      {['UTC', ...Intl.supportedValuesOf('timeZone')].map((zone) => (
        <option key={zone} value={zone} />
      ))}
    </datalist>
  );
}
