import { Button } from '@mantine/core';
import type { CombinedError } from '@urql/core';
import { describeRequestError } from '~/gql/errorText';
import classes from './states.module.css';

interface ErrorStateProps {
  /** What could not be shown, such as "The alerts could not be loaded." */
  what: string;
  error: CombinedError;
  onRetry: () => void;
}

/** What happened and what to do, with a way to try again. */
export function ErrorState({ what, error, onRetry }: ErrorStateProps) {
  const { title, advice, reference } = describeRequestError(error);
  return (
    <section className={classes.state} role="alert">
      <h2>{what}</h2>
      <p>
        {title} {advice}
      </p>
      {reference && <p className="pw-dim">Reference: {reference}</p>}
      <Button variant="default" className="pw-target" onClick={onRetry}>
        Try again
      </Button>
    </section>
  );
}
