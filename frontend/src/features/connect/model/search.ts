import * as v from 'valibot';
import { textParam } from '~/lib/searchParams';

export const stepNames = ['machine', 'way', 'connection', 'pick', 'map', 'file', 'values'] as const;
export type StepName = (typeof stepNames)[number];

export const connectSearch = v.object({
  step: v.fallback(v.optional(v.picklist(stepNames)), undefined),
  /** A machine that the link has chosen already. */
  machine: textParam,
});

export type ConnectSearch = v.InferOutput<typeof connectSearch>;
