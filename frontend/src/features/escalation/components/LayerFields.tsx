import { Button, NativeSelect, TextInput } from '@mantine/core';
import type { TurnUnit } from '../model/rotation';
import { type LayerDraft, layerProblems, newWindow } from '../model/rotationDraft';
import { ChoiceList } from './ChoiceList';
import classes from './Escalation.module.css';
import { WindowFields } from './WindowFields';

interface LayerFieldsProps {
  layer: LayerDraft;
  number: number;
  people: readonly { id: string; name: string }[];
  canRemove: boolean;
  onChange: (part: Partial<LayerDraft>) => void;
  onRemove: () => void;
}

const units: { value: TurnUnit; label: string }[] = [
  { value: 'HOUR', label: 'hours' },
  { value: 'DAY', label: 'days' },
  { value: 'WEEK', label: 'weeks' },
];

function TurnFields({ layer, onChange }: Pick<LayerFieldsProps, 'layer' | 'onChange'>) {
  const problems = layerProblems(layer);
  return (
    <div className={`${classes.fields} pw-row-end`}>
      <TextInput
        label="First turn begins"
        description="By the clock of the time zone"
        type="datetime-local"
        size="md"
        value={layer.start}
        error={problems.start}
        onChange={(event) => onChange({ start: event.currentTarget.value })}
      />
      <TextInput
        label="Hand over every"
        type="number"
        min={1}
        size="md"
        value={layer.turnCount}
        error={problems.turnCount}
        onChange={(event) => onChange({ turnCount: event.currentTarget.value })}
      />
      <NativeSelect
        label="Unit"
        size="md"
        value={layer.turnUnit}
        onChange={(event) => onChange({ turnUnit: event.currentTarget.value as TurnUnit })}
        data={units}
      />
    </div>
  );
}

/** People who take turns, how long a turn is, and in which windows. */
export function LayerFields({ layer, number, people, canRemove, onChange, onRemove }: LayerFieldsProps) {
  const problems = layerProblems(layer);
  const choices = people.map(({ id, name }) => ({ id, label: name }));
  return (
    <fieldset className={classes.group}>
      <legend>Layer {number}</legend>
      <div className="pw-stack">
        <ChoiceList
          label={`Layer ${number}: who takes turns`}
          addLabel="Add a person"
          choices={choices}
          chosen={layer.participantIds.map(
            (id) => choices.find((one) => one.id === id) ?? { id, label: 'Somebody' },
          )}
          error={problems.participantIds}
          onAdd={(id) => onChange({ participantIds: [...layer.participantIds, id] })}
          onRemove={(id) => onChange({ participantIds: layer.participantIds.filter((one) => one !== id) })}
        />
        <TurnFields layer={layer} onChange={onChange} />
        {layer.windows.map((window, index) => (
          <WindowFields
            key={window.key}
            window={window}
            number={index + 1}
            canRemove
            onChange={(part) =>
              onChange({
                windows: layer.windows.map((one) => (one.key === window.key ? { ...one, ...part } : one)),
              })
            }
            onRemove={() => onChange({ windows: layer.windows.filter(({ key }) => key !== window.key) })}
          />
        ))}
        {problems.windows && <p role="alert">{problems.windows}</p>}
        <div className="pw-row">
          <Button
            variant="default"
            className="pw-target"
            onClick={() => onChange({ windows: [...layer.windows, newWindow()] })}
          >
            Only in certain hours
          </Button>
          {canRemove && (
            <Button
              variant="default"
              className="pw-target"
              aria-label={`Take out layer ${number}`}
              onClick={onRemove}
            >
              Take out the layer
            </Button>
          )}
        </div>
      </div>
    </fieldset>
  );
}
