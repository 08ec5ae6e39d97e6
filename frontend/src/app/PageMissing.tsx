import { Link } from '@tanstack/react-router';
import { EmptyState } from '~/ui/EmptyState';

export function PageMissing() {
  return (
    <EmptyState
      title="There is no page at this address"
      action={<Link to="/fleet">Open the fleet overview</Link>}
    >
      The link may be old or mistyped.
    </EmptyState>
  );
}
