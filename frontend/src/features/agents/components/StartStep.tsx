import { type FirstFile, startCommands } from '../model/agentFile';
import { CodeBlock } from './CodeBlock';

/** What to type on the agent's computer. */
export function StartStep({ first }: { first: FirstFile }) {
  return (
    <li className="pw-panel pw-stack" aria-labelledby="start-step">
      <h2 id="start-step">3. Install and start it</h2>
      <p>
        On the agent’s computer (Linux, Python 3.11 or newer), in the folder of the release with the file
        beside it. The check connects once to what the agent reads, and prints what comes.
      </p>
      <CodeBlock label="commands" text={startCommands(first)} />
      <p className="pw-dim">
        It needs outgoing HTTPS to this server and no open port. Other ways to run it, such as a container,
        are in docs/agent.md.
      </p>
    </li>
  );
}
