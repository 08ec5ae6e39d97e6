import { Link } from '@tanstack/react-router';
import { EmptyState } from '~/ui/EmptyState';
import { PageHeader } from '~/ui/PageHeader';

export function PageMissing() {
  return (
    <>
      <PageHeader title="Page not found" />
      <EmptyState
        title="There is no page at this address"
        action={<Link to="/fleet">Open the fleet overview</Link>}
      >
        The link may be old or mistyped.
      </EmptyState>
    </>
  );
}
