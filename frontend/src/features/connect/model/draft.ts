import type { Protocol } from '~/features/machine-form/model/machine';
import {
  type ConnectionDraft,
  connectionProblems,
  emptyConnection,
} from '~/features/sources/model/connection';
import type { SourceProtocol } from '~/features/sources/model/sourceFragment';
import { type TagDraft, tagProblems } from '~/features/sources/model/tagDraft';
import type { StepName } from './search';

export interface ChosenMachine {
  id: string;
  name: string;
  identifier: string;
  protocol: Protocol;
}

export type Way = 'SERVER' | 'AGENT';

/** Where an agent finds a file and its columns. */
export interface FileDraft {
  path: string;
  timeColumn: string;
  delimiter: string;
  decimal: string;
}

/** What a person has entered on the way to a connected machine. */
export interface ConnectDraft {
  machine: ChosenMachine | null;
  way: Way | null;
  protocol: Protocol;
  connection: ConnectionDraft;
  /** Whether the device was reached with the connection as it is. */
  isTested: boolean;
  file: FileDraft;
  probe: { table: 'HOLDING' | 'INPUT' | 'COIL' | 'DISCRETE'; address: string; count: string };
  tags: readonly TagDraft[];
  /** The value of a tag before scaling, as it was seen when it was picked. */
  rawValues: Readonly<Record<string, number>>;
  /** The source, once there is one, and the version that was made here. */
  source: { id: string; version: number } | null;
  /** Times of the newest readings before the connection was made, by metric. */
  baseline: Readonly<Record<string, string>>;
}

export const emptyDraft: ConnectDraft = {
  machine: null,
  way: null,
  protocol: 'OPC_UA',
  connection: emptyConnection,
  isTested: false,
  file: { path: '', timeColumn: 'timestamp', delimiter: ',', decimal: '.' },
  probe: { table: 'HOLDING', address: '0', count: '20' },
  tags: [],
  rawValues: {},
  source: null,
  baseline: {},
};

/** Null for files, whose columns have no form of their own. */
export function tagProtocol({ protocol }: ConnectDraft): SourceProtocol | null {
  return protocol === 'OPC_UA' || protocol === 'MODBUS_TCP' ? protocol : null;
}

/** The steps of the chosen way. */
export function stepsOf(draft: ConnectDraft): readonly StepName[] {
  return draft.way === 'AGENT'
    ? ['machine', 'way', 'connection', 'map', 'file', 'values']
    : ['machine', 'way', 'connection', 'pick', 'map', 'values'];
}

export function fileProblems({
  path,
  timeColumn,
  delimiter,
}: FileDraft): Partial<Record<keyof FileDraft, string>> {
  return {
    ...(path.trim() ? {} : { path: 'Where the file is on the agent’s machine.' }),
    ...(timeColumn.trim() ? {} : { timeColumn: 'Which column or key holds the time.' }),
    ...([...delimiter].length === 1 ? {} : { delimiter: 'One character.' }),
  };
}

/** What is wrong with the connection for the chosen way; an agent asks for no password here. */
export function deviceProblems(draft: ConnectDraft): Partial<Record<string, string>> {
  if (tagProtocol(draft) === null) {
    return fileProblems(draft.file);
  }
  const { password, ...others } = connectionProblems(draft.connection);
  return draft.way === 'AGENT' || password === undefined ? others : { ...others, password };
}

/** Whether the step has all that the next one needs. */
export function isComplete(draft: ConnectDraft, step: StepName): boolean {
  switch (step) {
    case 'machine':
      return draft.machine !== null;
    case 'way':
      return draft.way !== null;
    case 'connection':
      return Object.keys(deviceProblems(draft)).length === 0 && (draft.way === 'AGENT' || draft.isTested);
    case 'pick':
      return draft.tags.length > 0;
    case 'map':
      return (
        draft.tags.some(({ isEnabled }) => isEnabled) &&
        tagProblems(draft.tags, tagProtocol(draft)).size === 0 &&
        (draft.way === 'AGENT' || draft.source !== null)
      );
    case 'file':
      return true;
    case 'values':
      return false;
  }
}

/** The wanted step, or the first one before it that still lacks something. */
export function reachableStep(draft: ConnectDraft, wanted: StepName | undefined): StepName {
  const steps = stepsOf(draft);
  const place = wanted && steps.includes(wanted) ? steps.indexOf(wanted) : 0;
  return steps.slice(0, place).find((step) => !isComplete(draft, step)) ?? steps[place] ?? 'machine';
}

/** The draft with another connection; what was seen through the old one no longer counts. */
export function withConnection(draft: ConnectDraft, part: Partial<ConnectionDraft>): ConnectDraft {
  const isOtherPlace = ['endpointUrl', 'host', 'port', 'unitId'].some((key) => key in part);
  const trust = isOtherPlace ? { serverFingerprint: null } : {};
  return { ...draft, isTested: false, connection: { ...draft.connection, ...trust, ...part } };
}

/** The draft for another protocol; tags of one protocol mean nothing in another. */
export function withProtocol(draft: ConnectDraft, protocol: Protocol): ConnectDraft {
  if (protocol === draft.protocol) {
    return draft;
  }
  const connection = tagProtocol({ ...draft, protocol });
  return {
    ...draft,
    protocol,
    isTested: false,
    tags: [],
    rawValues: {},
    connection: connection ? { ...draft.connection, protocol: connection } : draft.connection,
  };
}

/** The draft for a machine; a source belongs to the machine it was made for. */
export function withMachine(draft: ConnectDraft, machine: ChosenMachine): ConnectDraft {
  const isOther = draft.machine !== null && draft.machine.id !== machine.id;
  const fresh = isOther || draft.machine === null ? withProtocol(draft, machine.protocol) : draft;
  return { ...fresh, machine, ...(isOther ? { source: null, baseline: {} } : {}) };
}
