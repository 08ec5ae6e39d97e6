import * as v from 'valibot';
import { machineKinds } from '~/features/machine-form/model/machine';
import { machineStatuses } from '~/lib/alarm';
import { textParam, wordList } from '~/lib/searchParams';

export const fleetSearch = v.object({
  status: wordList(machineStatuses),
  kind: wordList(machineKinds),
  q: textParam,
});

export type FleetSearch = v.InferOutput<typeof fleetSearch>;
