import { Button } from '@mantine/core';
import { formatCount } from '~/lib/format';
import classes from './DataTable.module.css';

interface MoreRowsProps {
  shown: number;
  total: number;
  noun: string;
  hasMore: boolean;
  isFetching: boolean;
  onMore: () => void;
}

/** How many rows are shown of how many, and the way to see more. */
export function MoreRows({ shown, total, noun, hasMore, isFetching, onMore }: MoreRowsProps) {
  return (
    <div className={classes.more}>
      <span className="pw-dim" role="status">
        {formatCount(shown)} of {formatCount(Math.max(total, shown))} {noun}
      </span>
      {hasMore && (
        <Button variant="default" className="pw-target" onClick={onMore} disabled={isFetching}>
          Show more
        </Button>
      )}
    </div>
  );
}
