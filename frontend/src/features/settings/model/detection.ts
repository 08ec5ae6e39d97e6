import { graphql, type ResultOf } from '~/gql/graphql';
import { changesOf, type Draft, draftOf, type ParameterField } from './parameters';

/** The parameters of the three detectors. */
export const DetectionParameters = graphql(`
  fragment DetectionParameters on DetectionSettings @_unmask {
    enabled
    baselineThreshold
    baselineMinSamples
    ewmaLambda
    ewmaThreshold
    rateThreshold
    confirmReadings
    clearSeconds
    criticalFactor
  }
`);

export type Detection = ResultOf<typeof DetectionParameters>;
export type DetectionNumber = Exclude<keyof Detection, 'enabled'>;

export const detectionFields: readonly ParameterField<DetectionNumber>[] = [
  {
    name: 'baselineThreshold',
    label: 'Baseline threshold',
    help: 'Standard deviations from the mean of 7 days',
    isWhole: false,
  },
  {
    name: 'baselineMinSamples',
    label: 'Baseline minimum samples',
    help: 'Readings needed before the baseline judges',
    isWhole: true,
  },
  {
    name: 'ewmaLambda',
    label: 'EWMA weight',
    help: 'Weight of the newest reading, above 0 and at most 1',
    isWhole: false,
  },
  {
    name: 'ewmaThreshold',
    label: 'EWMA threshold',
    help: 'Limit of the drift, in standard deviations of the average',
    isWhole: false,
  },
  {
    name: 'rateThreshold',
    label: 'Rate threshold',
    help: 'Limit of the change per time, in standard deviations',
    isWhole: false,
  },
  {
    name: 'confirmReadings',
    label: 'Readings to confirm',
    help: 'Readings in a row before an alert is raised',
    isWhole: true,
  },
  {
    name: 'clearSeconds',
    label: 'Seconds to clear',
    help: 'Seconds of normal readings before an alert clears',
    isWhole: true,
  },
  {
    name: 'criticalFactor',
    label: 'Critical factor',
    help: 'Times the threshold at which a warning becomes critical',
    isWhole: false,
  },
];

export type DetectionDraft = Draft<DetectionNumber>;

export function toDraft(detection: Detection): DetectionDraft {
  return draftOf(detectionFields, detection);
}

/** The numbers of a draft that differ from what is in force; null when a text is not a number. */
export function readChanges(draft: DetectionDraft, current: Detection): Partial<Detection> | null {
  return changesOf(detectionFields, draft, current);
}
