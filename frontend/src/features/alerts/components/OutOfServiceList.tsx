import { Link } from '@tanstack/react-router';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useOutOfService } from '../hooks/useOutOfService';
import { OutOfServiceItems } from './OutOfServiceItems';

/** Machines and metrics that are being worked on, in the whole plant. */
export function OutOfServiceList() {
  const { items, error, reload } = useOutOfService();
  return (
    <section className="pw-stack" aria-labelledby="out-of-service-title">
      <div className="pw-spread">
        <h2 id="out-of-service-title">Machines and metrics out of service</h2>
        <Link to="/audit" search={{ area: 'out_of_service' }}>
          Open in the audit trail
        </Link>
      </div>
      {error && !items && (
        <ErrorState what="What is out of service could not be loaded." error={error} onRetry={reload} />
      )}
      {!items && !error && <SkeletonRows label="Loading what is out of service" count={2} height={72} />}
      {items?.length === 0 && (
        <p className="pw-panel pw-dim">
          Everything is in service. Before work on a machine, an operator takes it out of service on its page.
        </p>
      )}
      {items && items.length > 0 && <OutOfServiceItems items={items} isMachineShown onChanged={reload} />}
    </section>
  );
}
