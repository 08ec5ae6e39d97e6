import type { ReactNode } from 'react';
import classes from './FactList.module.css';

/** What it is, and its value. */
export type Fact = readonly [term: string, value: ReactNode];

interface FactListProps {
  facts: readonly Fact[];
  /** The values are what the page is about. */
  isStrong?: boolean;
}

/** Facts side by side, each under its name. */
export function FactList({ facts, isStrong }: FactListProps) {
  return (
    <dl className={classes.facts} data-strong={isStrong || undefined}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
