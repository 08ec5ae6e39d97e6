import type { StateShape } from '~/ui/StateMark';

export type Suppression = 'SHELVED' | 'SUPPRESSED_BY_DESIGN' | 'OUT_OF_SERVICE';
export type DesignReason = 'MACHINE_STOPPED' | 'COMMUNICATION_LOST';

export const suppressions: readonly Suppression[] = ['SHELVED', 'SUPPRESSED_BY_DESIGN', 'OUT_OF_SERVICE'];

export const suppressionWords: Record<Suppression, string> = {
  SHELVED: 'Shelved',
  SUPPRESSED_BY_DESIGN: 'Suppressed by design',
  OUT_OF_SERVICE: 'Out of service',
};

export const suppressionShapes: Record<Suppression, StateShape> = {
  SHELVED: 'clock',
  SUPPRESSED_BY_DESIGN: 'bars',
  OUT_OF_SERVICE: 'crossed',
};

export const designReasonWords: Record<DesignReason, string> = {
  MACHINE_STOPPED: 'the machine is stopped',
  COMMUNICATION_LOST: 'its link is lost',
};
