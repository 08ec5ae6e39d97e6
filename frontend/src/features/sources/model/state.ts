import type { Source, SourceProtocol, SourceState } from './sourceFragment';

/** In the order in which they want attention. */
export const sourceStates = [
  'PERMANENT',
  'RECOVERABLE',
  'WAITING',
  'STARTING',
  'UNMAPPED',
  'SWITCHED_OFF',
  'PAUSED',
  'OK',
] as const satisfies readonly SourceState[];

export const stateWords: Record<SourceState, string> = {
  OK: 'Polling',
  STARTING: 'Starting',
  WAITING: 'Waiting for a worker',
  RECOVERABLE: 'Trying again',
  PERMANENT: 'Needs a person',
  PAUSED: 'Paused',
  UNMAPPED: 'No tags mapped',
  SWITCHED_OFF: 'Switched off',
};

/** What the state means and what to do. */
export const stateAdvice: Record<SourceState, string> = {
  OK: 'The device answers and its values are stored.',
  STARTING: 'A worker has just taken it and connects to the device.',
  WAITING:
    'No worker reads it now; one takes it within 30 seconds. If this lasts, the person who runs the server should see whether a worker runs.',
  RECOVERABLE:
    'The device does not answer as it should. It is tried again by itself; if this lasts, see whether the device is on and the network leads to it.',
  PERMANENT:
    'It was refused in a way that does not pass by itself. Read the error, change the connection or the tags, then test.',
  PAUSED: 'Nothing is read until somebody resumes it.',
  UNMAPPED: 'There is nothing to read: map at least one tag and enable it.',
  SWITCHED_OFF: 'This server reads no devices at all now.',
};

export const sourceProtocols = ['OPC_UA', 'MODBUS_TCP'] as const satisfies readonly SourceProtocol[];

export const sourceProtocolWords: Record<SourceProtocol, string> = {
  OPC_UA: 'OPC UA',
  MODBUS_TCP: 'Modbus TCP',
};

/** The error that explains the state now; an old one that is over is not shown as if it were. */
export function currentError({ status }: Source): string | null {
  const isFailing = status.state === 'RECOVERABLE' || status.state === 'PERMANENT';
  return isFailing ? (status.lastError ?? null) : null;
}

export interface SourceFilter {
  states: readonly SourceState[];
  protocols: readonly SourceProtocol[];
  text: string;
}

/** Those that pass the filter, what wants attention first, then by name. */
export function chosenSources(sources: readonly Source[], filter: SourceFilter): Source[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return sources
    .filter(({ name, address, machine, protocol, status }) => {
      const text = `${name} ${address} ${machine.name} ${machine.identifier}`.toLowerCase();
      return (
        (filter.states.length === 0 || filter.states.includes(status.state)) &&
        (filter.protocols.length === 0 || filter.protocols.includes(protocol)) &&
        words.every((word) => text.includes(word))
      );
    })
    .sort(
      (a, b) =>
        sourceStates.indexOf(a.status.state) - sourceStates.indexOf(b.status.state) ||
        a.name.localeCompare(b.name),
    );
}
