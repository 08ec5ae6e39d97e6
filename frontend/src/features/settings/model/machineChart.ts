import { graphql, type ResultOf } from '~/gql/graphql';
import { changesOf, type Draft, draftOf, type ParameterField } from './parameters';

/** The parameters of the chart of a machine as a whole. */
export const MachineChartParameters = graphql(`
  fragment MachineChartParameters on MachineChartSettings @_unmask {
    enabled
    threshold
    confirmFrames
    clearSeconds
    criticalFactor
  }
`);

export type MachineChart = ResultOf<typeof MachineChartParameters>;
export type MachineChartNumber = Exclude<keyof MachineChart, 'enabled'>;

export const machineChartFields: readonly ParameterField<MachineChartNumber>[] = [
  {
    name: 'threshold',
    label: 'Threshold',
    help: 'Score that violates; 1 is the limit of the reference',
    isWhole: false,
  },
  {
    name: 'confirmFrames',
    label: 'Frames to confirm',
    help: 'Violations in a row before an alert is raised',
    isWhole: true,
  },
  {
    name: 'clearSeconds',
    label: 'Seconds to clear',
    help: 'Seconds without a violation before an alert clears',
    isWhole: true,
  },
  {
    name: 'criticalFactor',
    label: 'Critical factor',
    help: 'Times the threshold at which a warning becomes critical',
    isWhole: false,
  },
];

export type MachineChartDraft = Draft<MachineChartNumber>;

export function toChartDraft(chart: MachineChart): MachineChartDraft {
  return draftOf(machineChartFields, chart);
}

/** What of a draft differs from what is in force; null when a text is not a number. */
export function readChartChanges(
  draft: MachineChartDraft,
  current: MachineChart,
): Partial<MachineChart> | null {
  return changesOf(machineChartFields, draft, current);
}
