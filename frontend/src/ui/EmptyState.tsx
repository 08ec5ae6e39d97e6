import type { ReactNode } from 'react';
import classes from './states.module.css';

interface EmptyStateProps {
  title: string;
  /** Says what to do next. */
  children: ReactNode;
  action?: ReactNode;
}

export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <section className={classes.state} aria-label={title}>
      <h2>{title}</h2>
      <p className="pw-dim">{children}</p>
      {action}
    </section>
  );
}
