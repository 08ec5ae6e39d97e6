import * as v from 'valibot';
import { type MachineStatus, machineStatusWords } from '~/lib/alarm';
import { formatCount, formatUnit, formatValue, toWords } from '~/lib/format';

const text = v.nullish(v.string());
const changeSchema = v.looseObject({ old: v.unknown(), new: v.unknown() });
const payloadSchema = v.looseObject({
  machine_id: text,
  agent_id: text,
  source_id: text,
  message: text,
  metric: text,
  value: text,
  unit: text,
  old_status: text,
  new_status: text,
  reason: text,
  old_score: v.optional(v.nullable(v.number())),
  score: v.optional(v.union([v.number(), v.string()])),
  number: v.optional(v.number()),
  identifier: text,
  name: text,
  old_name: text,
  address: text,
  email: text,
  readings: v.optional(v.number()),
  rollups: v.optional(v.number()),
  changes: v.optional(v.record(v.string(), changeSchema)),
  tags: v.optional(v.object({ old: v.number(), new: v.number() })),
});

type Payload = v.InferOutput<typeof payloadSchema>;

/** An agent or a source that has a page, unless the record says that it is gone. */
export interface PageSubject {
  to: 'agent' | 'source';
  id: string | null;
  name: string;
}

export interface RecordFacts {
  /** The machine concerned; null when there is none. */
  machineId: string | null;
  subject: PageSubject | null;
  /** The particulars in one line; empty when the action says it all. */
  summary: string;
}

function statusWord(status: string): string {
  return machineStatusWords[status.toUpperCase() as MachineStatus] ?? toWords(status);
}

function writeValue(value: unknown): string {
  return value === null || value === undefined || value === ''
    ? 'none'
    : typeof value === 'object'
      ? 'own values'
      : String(value);
}

function summarizeChange(payload: Payload): string | null {
  const { changes, old_status: oldStatus, new_status: newStatus, old_name: oldName, reason, tags } = payload;
  if (oldStatus && newStatus) {
    return `${statusWord(oldStatus)} → ${statusWord(newStatus)}${reason ? `. ${reason}` : ''}`;
  }
  if (changes) {
    return Object.entries(changes)
      .map(([field, change]) => `${toWords(field)}: ${writeValue(change.old)} → ${writeValue(change.new)}`)
      .join(', ');
  }
  if (tags) {
    return tags.old === tags.new ? `${tags.new} tags` : `${tags.old} → ${tags.new} tags`;
  }
  return oldName ? `before: ${oldName}` : null;
}

function summarizeMeasurement({ message, metric, value, unit }: Payload): string | null {
  if (message) {
    return message;
  }
  return metric && value
    ? `${toWords(metric)} ${formatValue(Number(value))} ${formatUnit(unit ?? '')}`.trim()
    : null;
}

function summarizeDeletion({ readings, rollups }: Payload): string | null {
  return readings === undefined || rollups === undefined
    ? null
    : `${formatCount(readings)} readings and ${formatCount(rollups)} rows of summaries deleted`;
}

function summarize(payload: Payload): string {
  const numbered = payload.number === undefined ? '' : `No. ${payload.number}`;
  const score =
    typeof payload.old_score === 'number' && typeof payload.score === 'number'
      ? `${payload.old_score} → ${payload.score}`
      : null;
  const particulars =
    summarizeChange(payload) ??
    summarizeMeasurement(payload) ??
    summarizeDeletion(payload) ??
    score ??
    payload.identifier ??
    (readSubject(payload) ? undefined : payload.name) ??
    payload.email ??
    (payload.address && (payload.source_id ? payload.address : `from ${payload.address}`)) ??
    payload.reason ??
    '';
  return [numbered, particulars].filter(Boolean).join(': ');
}

const endings = /\.(removed|deleted)$/;

function readSubject(payload: Payload, action = ''): PageSubject | null {
  const { agent_id: agentId, source_id: sourceId, name } = payload;
  const found = sourceId
    ? ({ to: 'source', id: sourceId, name: name ?? 'Source' } as const)
    : agentId
      ? ({ to: 'agent', id: agentId, name: name ?? 'Agent' } as const)
      : null;
  return found && endings.test(action) ? { ...found, id: null } : found;
}

/** What a record is about, read from its payload; a payload of another form gives no summary. */
export function readRecord(record: {
  action: string;
  resourceType: string;
  resourceId: string;
  payload: unknown;
}): RecordFacts {
  const parsed = v.safeParse(payloadSchema, record.payload);
  const payload = parsed.success ? parsed.output : {};
  const own = record.resourceType === 'machine' ? record.resourceId : null;
  return {
    machineId: payload.machine_id ?? own,
    subject: readSubject(payload, record.action),
    summary: summarize(payload),
  };
}
