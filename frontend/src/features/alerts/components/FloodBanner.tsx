import { Link } from '@tanstack/react-router';
import { graphql } from '~/gql/graphql';
import { useLiveRefetch } from '~/gql/liveHub';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { formatCount, formatSpan } from '~/lib/format';
import { useNow } from '~/lib/now';
import { Note } from '~/ui/Note';

const AlertFloods = graphql(`
  query AlertFloods {
    alertFloods {
      id
      site
      beganAt
      endedAt
      alerts
      peak
      firstOut {
        id
        message
        machine {
          id
          name
        }
      }
    }
  }
`);

/** Says that alerts come faster than anyone can take them in, and what is done about it. Nothing is hidden. */
export function FloodBanner() {
  const [{ data }, execute] = useLastingQuery({ query: AlertFloods });
  const now = useNow();
  useLiveRefetch(
    (event) => event.kind === 'alert',
    () => execute({ requestPolicy: 'network-only' }),
  );
  const running = data?.alertFloods.filter(({ endedAt }) => endedAt === null) ?? [];
  if (running.length === 0) {
    return null;
  }
  return (
    <Note role="status">
      {running.map(({ id, site, beganAt, alerts, peak, firstOut }) => (
        <p key={id}>
          <strong>Flood of alerts{site ? ` at ${site}` : ''}</strong> for{' '}
          {formatSpan(now - Date.parse(beganAt))}: {formatCount(alerts)} alerts, up to {formatCount(peak)} in
          ten minutes.
          {firstOut && (
            <>
              {' '}
              First out:{' '}
              <Link to="/alerts/$alertId" params={{ alertId: firstOut.id }}>
                {[firstOut.machine?.name, firstOut.message].filter(Boolean).join(': ')}
              </Link>
            </>
          )}
        </p>
      ))}
      <p>
        Every alert is in this list. Messages about lesser ones wait; critical ones are sent at once. Look at
        the first of each group.
      </p>
    </Note>
  );
}
