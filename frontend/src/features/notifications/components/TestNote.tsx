import { Link } from '@tanstack/react-router';
import type { Outcome } from '~/gql/mutationResult';
import { formatCount } from '~/lib/format';
import { Note } from '~/ui/Note';
import { StateMark } from '~/ui/StateMark';
import type { TestResult } from '../hooks/useChannelMutations';

export interface Tested {
  name: string;
  outcome: Outcome<TestResult>;
}

/** What came of a test message, in the words of the receiver. */
export function TestNote({ name, outcome }: Tested) {
  if (!outcome.ok) {
    return <Note role="alert">{outcome.problem.message}</Note>;
  }
  const { isDelivered, detail, latencyMs, deliveryId } = outcome.value;
  return (
    <Note role={isDelivered ? 'status' : 'alert'}>
      <StateMark
        shape={isDelivered ? 'circle' : 'triangle'}
        isAbnormal={!isDelivered}
        word={`Test of ${name}: ${isDelivered ? 'delivered' : 'not delivered'}`}
      />
      <p>
        {detail} It took {formatCount(latencyMs)} ms.{' '}
        <Link to="/notifications/deliveries" search={{ delivery: deliveryId }}>
          In the delivery log
        </Link>
      </p>
    </Note>
  );
}
