import { readFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';

interface DemoUser {
  username: string;
  password: string;
}

function demoFile(...parts: string[]): string {
  const folder = process.env.PLANTWRIGHT_DATA_DIR;
  if (!folder) {
    throw new Error('PLANTWRIGHT_DATA_DIR is not set. Run the browser tests with `./justw e2e`.');
  }
  return join(folder, 'demo', ...parts);
}

function agentSetting(pattern: RegExp): string {
  const found = pattern.exec(readFileSync(demoFile('agent.toml'), 'utf8'))?.[1];
  if (!found) {
    throw new Error(`The demo agent's configuration has nothing like ${pattern}.`);
  }
  return found;
}

/** Where the demo plant's servers listen, and who may read them. */
export const plant = {
  opcuaEndpoint: (): string => agentSetting(/^endpoint = "(.+)"$/m),
  modbusPort: (): string => agentSetting(/^port = (\d+)$/m),
  opcuaUser: (): DemoUser => JSON.parse(readFileSync(demoFile('pki', 'user.json'), 'utf8')) as DemoUser,
  /** As the plant's administrator would: the OPC UA server trusts this certificate from now on. */
  trust: (certificate: string): Promise<void> =>
    copyFile(certificate, demoFile('pki', 'trusted', 'plantwright.der')),
};
