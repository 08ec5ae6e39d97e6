import { Note } from '~/ui/Note';
import type { AgentDetail } from '../model/agentFragment';
import { BufferBar } from './BufferBar';

/** What the agent keeps on disk until the server has it. */
export function BufferPanel({ buffer, clockOffsetMs }: Pick<AgentDetail, 'buffer' | 'clockOffsetMs'>) {
  return (
    <section className="pw-panel pw-stack" aria-labelledby="buffer-title">
      <h2 id="buffer-title">Buffer</h2>
      <BufferBar buffer={buffer} clockOffsetMs={clockOffsetMs} />
      {buffer.setAside && (
        <Note>
          A damaged buffer was set aside as <code className="pw-code">{buffer.setAside}</code>. What had not
          been sent from it is missing here; keep the file if somebody is to look for it.
        </Note>
      )}
    </section>
  );
}
