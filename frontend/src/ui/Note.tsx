import type { ReactNode } from 'react';
import classes from './states.module.css';

interface NoteProps {
  children: ReactNode;
  /** `alert` interrupts a screen reader; `status` waits. */
  role?: 'alert' | 'status' | 'note';
}

/** A framed message within a page: a refusal, a limitation, a result. */
export function Note({ children, role = 'note' }: NoteProps) {
  return (
    <div className={classes.note} role={role}>
      {children}
    </div>
  );
}
