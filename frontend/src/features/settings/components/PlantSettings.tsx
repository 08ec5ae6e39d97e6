import { Button, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import type { UserProblem } from '~/gql/mutationResult';
import { Note } from '~/ui/Note';
import { useUpdateSettings } from '../hooks/useUpdateSettings';
import { type Detection, detectionFields, readChanges, toDraft } from '../model/detection';
import { type MachineChart, machineChartFields, readChartChanges, toChartDraft } from '../model/machineChart';
import { ParameterFields } from './ParameterFields';
import classes from './SettingsPage.module.css';

export interface PlantSettingsValues {
  anomalyWeight: number;
  offlineAfterSeconds: number;
  detection: Detection;
  machineChart: MachineChart;
}

interface PlantSettingsProps {
  settings: PlantSettingsValues;
  isReadOnly: boolean;
  /** Set once the shown values are those that this person saved. */
  isSaved: boolean;
  onSaved: () => void;
}

/** Health weight, offline time and the default parameters of the detectors. */
export function PlantSettings({ settings, isReadOnly, isSaved, onSaved }: PlantSettingsProps) {
  const update = useUpdateSettings();
  const [weight, setWeight] = useState(String(settings.anomalyWeight));
  const [offlineAfter, setOfflineAfter] = useState(String(settings.offlineAfterSeconds));
  const [draft, setDraft] = useState(() => toDraft(settings.detection));
  const [chartDraft, setChartDraft] = useState(() => toChartDraft(settings.machineChart));
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const detection = readChanges(draft, settings.detection);
  const machineChart = readChartChanges(chartDraft, settings.machineChart);
  const input = {
    ...(Number(weight) === settings.anomalyWeight ? {} : { anomalyWeight: Number(weight) }),
    ...(Number(offlineAfter) === settings.offlineAfterSeconds
      ? {}
      : { offlineAfterSeconds: Number(offlineAfter) }),
    ...(detection && Object.keys(detection).length > 0 ? { detection } : {}),
    ...(machineChart && Object.keys(machineChart).length > 0 ? { machineChart } : {}),
  };
  const isUsable =
    detection !== null &&
    machineChart !== null &&
    weight.trim() !== '' &&
    Number.isInteger(Number(offlineAfter));
  const handleSubmit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const refused = await update(input);
    setProblem(refused);
    if (!refused) {
      onSaved();
    }
  };
  return (
    <form
      className="pw-panel pw-stack"
      aria-label="Plant settings"
      noValidate
      onSubmit={(event) => void handleSubmit(event)}
    >
      <h2>Health score</h2>
      <div className={classes.fields}>
        <TextInput
          label="Anomaly weight w"
          description="0 to 1. score = (1 − w) × alert + w × anomaly"
          type="number"
          step="any"
          size="md"
          readOnly={isReadOnly}
          value={weight}
          onChange={(event) => setWeight(event.currentTarget.value)}
        />
        <TextInput
          label="Offline after, in seconds"
          description="Without a reading for this long a machine is offline"
          type="number"
          step={1}
          size="md"
          readOnly={isReadOnly}
          value={offlineAfter}
          onChange={(event) => setOfflineAfter(event.currentTarget.value)}
        />
      </div>
      <h2>Detection defaults</h2>
      <ParameterFields
        onLabel="Detection is on"
        fields={detectionFields}
        draft={draft}
        current={settings.detection}
        isReadOnly={isReadOnly}
        onChange={setDraft}
      />
      <h2>Defaults of machines as a whole</h2>
      <fieldset className={classes.group} aria-label="Machines as a whole">
        <ParameterFields
          onLabel="Machines are watched as a whole"
          fields={machineChartFields}
          draft={chartDraft}
          current={settings.machineChart}
          isReadOnly={isReadOnly}
          onChange={setChartDraft}
        />
      </fieldset>
      {isSaved && Object.keys(input).length === 0 && (
        <Note role="status">Saved. The change is in the audit trail.</Note>
      )}
      {problem && <Note role="alert">{problem.message}</Note>}
      {!isReadOnly && (
        <div>
          <Button type="submit" className="pw-target" disabled={!isUsable || Object.keys(input).length === 0}>
            Save settings
          </Button>
        </div>
      )}
    </form>
  );
}
