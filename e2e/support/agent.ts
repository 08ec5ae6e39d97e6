import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = join(resolve(import.meta.dirname, '..', '..'), '.venv', 'bin', 'plantwright-agent');

/** Runs `plantwright-agent check` on a file and returns what it prints; a refusal rejects with the reason. */
export async function checkAgentFile(path: string): Promise<string> {
  const { stdout } = await run(program, ['check', '--config', path]);
  return stdout;
}

/** Starts an agent with its buffer in a folder; the answer stops it. */
export function startAgent(path: string, bufferFolder: string): () => Promise<void> {
  const agent = spawn(program, ['run', '--config', path], {
    env: {
      ...process.env,
      PLANTWRIGHT_AGENT_BUFFER_DIR: bufferFolder,
      PLANTWRIGHT_AGENT_PUSH_INTERVAL: '0.5',
      PLANTWRIGHT_AGENT_HEARTBEAT_INTERVAL: '2',
    },
    stdio: 'ignore',
  });
  return async () => {
    if (agent.exitCode === null) {
      const ended = once(agent, 'exit');
      agent.kill('SIGTERM');
      await ended;
    }
  };
}
