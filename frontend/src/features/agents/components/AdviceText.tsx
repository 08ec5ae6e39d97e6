import classes from './AgentPage.module.css';

/** A text in which commands stand between backquotes. */
export function AdviceText({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <code key={part} className={`${classes.code} pw-code`}>
        {part}
      </code>
    ),
  );
}
