import type { PartState } from './agentState';

const check =
  'Correct the configuration on the agent’s computer: the agent notices by itself and tries again. `plantwright-agent check --connect` tries each source once and prints what comes.';

const byProtocol: Record<string, (source: string) => string> = {
  opcua: (source) =>
    `The server refuses the agent, or does not know what is asked for. An unknown certificate: run \`plantwright-agent trust opcua ${source}\` there, and let the server trust the agent’s own. A password or a node: correct it; \`plantwright-agent browse opcua ${source}\` lists the nodes.`,
  modbus: (source) =>
    `The device refuses what is asked for. Compare host, unit and registers with its manual; \`plantwright-agent browse modbus ${source}\` shows what it answers.`,
  csv: () =>
    'The file is not as it is described. Compare path, columns and time format with it, and the rights to read it.',
  json: () =>
    'The file is not as it is described. Compare path, keys and time format with it, and the rights to read it.',
};

/** What a person has to do about a source; null when nobody is needed. */
export function adviseOnSource(source: { name: string; protocol: string; state: PartState }): string | null {
  if (source.state !== 'PERMANENT') {
    return null;
  }
  const word = /^[\w.-]+$/.test(source.name) ? source.name : `"${source.name}"`;
  const first = byProtocol[source.protocol]?.(word);
  return first ? `${first} ${check}` : check;
}

/** What a person has to do about the way to the server; null when nobody is needed. */
export function adviseOnUplink(uplink: { state: PartState }): string | null {
  return uplink.state === 'PERMANENT'
    ? 'The server refuses the agent’s API key for readings. Create a key with the scopes ingest and agent, and put it into agent.toml as api_key: the agent notices by itself and sends what it has kept.'
    : null;
}

/** Where to look when nothing is heard, given what is known of the agent's key. */
export function adviseOnSilence(key: { name: string; hasEnded: boolean } | null): string {
  return key?.hasEnded
    ? `Its API key “${key.name}” is no longer valid, so the server refuses it. Create a key with the scopes ingest and agent, and put it into agent.toml as api_key: the agent notices by itself.`
    : 'On its computer, `plantwright-agent status` tells whether it runs and why it cannot send. If the computer itself does not answer, look at its power and network. What it has read is kept and comes later.';
}
