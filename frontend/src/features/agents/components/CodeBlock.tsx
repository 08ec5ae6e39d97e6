import { Button } from '@mantine/core';
import { useCopy } from '~/lib/clipboard';
import { saveFile } from '~/lib/saveFile';
import classes from './CodeBlock.module.css';

interface CodeBlockProps {
  /** What it is, such as "agent.toml". */
  label: string;
  text: string;
  /** Offers the text as a file of this name too. */
  fileName?: string;
}

/** A text for the agent's computer, to copy or to download. */
export function CodeBlock({ label, text, fileName }: CodeBlockProps) {
  const { outcome, copy } = useCopy();
  return (
    <div className="pw-stack">
      <section aria-label={label}>
        <pre className={classes.code}>{text}</pre>
      </section>
      <div className="pw-row">
        <Button variant="default" className="pw-target" onClick={() => void copy(text)}>
          Copy {label}
        </Button>
        {fileName && (
          <Button
            variant="default"
            className="pw-target"
            onClick={() => saveFile(fileName, new Blob([text], { type: 'application/toml' }))}
          >
            Download {fileName}
          </Button>
        )}
        <span role="status">{outcome}</span>
      </div>
    </div>
  );
}
