import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..', '..');

export type Role = 'admin' | 'operator' | 'viewer';

export interface Person {
  email: string;
  password: string;
}

function required(name: 'PLANTWRIGHT_URL' | 'PLANTWRIGHT_DATA_DIR'): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set. Run the browser tests with \`./justw e2e\`, which starts a throw-away installation for them.`,
    );
  }
  return value;
}

/** Address of the installation under test. */
export function stackUrl(): string {
  return required('PLANTWRIGHT_URL');
}

export const northfield = 'northfield.example';
export const southgate = 'southgate.example';

/** A person of a demo tenant; all people of one tenant share the password that the seed made up. */
export function person(role: Role, domain = northfield): Person {
  const path = join(required('PLANTWRIGHT_DATA_DIR'), 'demo', 'login.json');
  const logins = JSON.parse(readFileSync(path, 'utf8')) as Person[];
  const login = logins.find(({ email }) => email.endsWith(`@${domain}`));
  if (!login) {
    throw new Error(`${path} names nobody of ${domain}.`);
  }
  return { email: `${role}@${domain}`, password: login.password };
}

/** Runs `plantwright demo ARGS` as a person would in a second terminal. */
export async function demo(...args: string[]): Promise<string> {
  const { stdout } = await run(join(root, '.venv', 'bin', 'plantwright'), ['demo', ...args], { cwd: root });
  return stdout;
}
