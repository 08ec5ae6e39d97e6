import { type FirstFile, startCommands } from '../model/agentFile';
import { CodeBlock } from './CodeBlock';

/** What to type on the agent's computer. */
export function StartStep({ first }: { first: FirstFile }) {
  return (
    <li className="pw-panel pw-stack" aria-labelledby="start-step">
      <h2 id="start-step">3. Install and start it</h2>
      <p>
        On the agent’s computer, in the folder with the file. The check connects to the device once and prints
        what comes.
      </p>
      <CodeBlock label="commands" text={startCommands(first)} />
      <p className="pw-dim">
        The computer needs Python 3.11 or newer and outgoing HTTPS to this server, and no open port.
        docs/agent.md says how it runs as a service.
      </p>
    </li>
  );
}
