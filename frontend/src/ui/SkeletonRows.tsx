import { Skeleton } from '@mantine/core';
import classes from './states.module.css';

interface SkeletonRowsProps {
  /** What is being loaded, for a screen reader. */
  label: string;
  count?: number;
  height?: number;
}

/** Grey rows in the shape of the list to come. */
export function SkeletonRows({ label, count = 6, height = 52 }: SkeletonRowsProps) {
  const rows = Array.from({ length: count }, (_, index) => `row-${index}`);
  return (
    <div className={classes.rows} role="status" aria-label={label}>
      {rows.map((row) => (
        <Skeleton key={row} height={height} radius={3} animate={false} />
      ))}
    </div>
  );
}
