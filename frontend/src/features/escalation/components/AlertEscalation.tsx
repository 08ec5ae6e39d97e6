import { useQuery } from 'urql';
import { graphql, type ResultOf } from '~/gql/graphql';
import { formatDateTime, formatSpan, toWords } from '~/lib/format';
import { useNow } from '~/lib/now';
import { usePolling } from '~/lib/polling';
import { targetText } from '../model/policy';

const Escalations = graphql(`
  query AlertEscalations($alertId: ID!) {
    escalations(alertId: $alertId) {
      policyId
      policy
      state
      reason
      step
      round
      dueAt
      lastToldAt
      endedAt
      upcoming {
        step
        round
        dueAt
        targets {
          kind
          id
          name
          trouble
        }
        onCall {
          id
          fullName
        }
      }
    }
  }
`);

type Escalation = NonNullable<ResultOf<typeof Escalations>['escalations']>[number];
const pollMs = 15_000;

function standing(escalation: Escalation): string {
  const reason = escalation.reason ? toWords(escalation.reason).toLowerCase() : '';
  const told = escalation.lastToldAt ? ` Last told ${formatDateTime(escalation.lastToldAt)}.` : '';
  switch (escalation.state) {
    case 'ENDED':
      return `Over: ${reason}.${told}`;
    case 'PAUSED':
      return `Paused while it is ${reason}; then from the first step.${told}`;
    case 'RUNNING':
      return told.trim();
  }
}

function Upcoming({ escalation, now }: { escalation: Escalation; now: number }) {
  return (
    <ol className="pw-list">
      {escalation.upcoming.map((one) => {
        const wait = Date.parse(one.dueAt) - now;
        const people = one.onCall.map(({ fullName }) => fullName).join(', ');
        return (
          <li key={`${one.round}-${one.step}`}>
            <strong>{wait > 0 ? `in ${formatSpan(wait)}` : 'now'}</strong>{' '}
            <span className="pw-dim">({formatDateTime(one.dueAt)})</span>:{' '}
            {one.targets.map(targetText).join(', ')}
            {people && `, which is ${people}`}
            {one.targets.map(({ id, trouble }) => trouble && <em key={id}> {trouble}</em>)}
          </li>
        );
      })}
    </ol>
  );
}

/** What became of an alert's escalations, and who will be told next and when. */
export function AlertEscalation({ alertId }: { alertId: string }) {
  const now = useNow();
  const [{ data, error, fetching }, execute] = useQuery({
    query: Escalations,
    variables: { alertId },
    requestPolicy: 'cache-and-network',
  });
  usePolling(() => execute({ requestPolicy: 'network-only' }), pollMs);
  const escalations = data?.escalations ?? [];
  return (
    <section className="pw-panel pw-stack" aria-label="Who is told next">
      <h2>Who is told next</h2>
      {!data && fetching && <p className="pw-dim">Loading who is told next…</p>}
      {!data && error && <p role="alert">Who is told next could not be loaded.</p>}
      {data && escalations.length === 0 && (
        <p className="pw-dim">No policy is for this alert: nobody else is told.</p>
      )}
      {escalations.map((escalation) => (
        <div key={escalation.policyId}>
          <p>
            <strong>{escalation.policy}</strong> {standing(escalation)}
          </p>
          <Upcoming escalation={escalation} now={now} />
        </div>
      ))}
    </section>
  );
}
