import * as v from 'valibot';
import { machineStatuses } from '~/lib/alarm';
import { textParam, wordList } from '~/lib/searchParams';

export const machineKinds = ['PUMP', 'SPINDLE', 'COMPRESSOR', 'CONVEYOR', 'OTHER'] as const;

export const fleetSearch = v.object({
  status: wordList(machineStatuses),
  kind: wordList(machineKinds),
  q: textParam,
});

export type FleetSearch = v.InferOutput<typeof fleetSearch>;
