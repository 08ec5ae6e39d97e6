import { graphql } from '~/gql/graphql';
import { useLastingQuery } from '~/gql/useLastingQuery';
import { formatDateTime, formatUnit, formatValue, toWords } from '~/lib/format';
import { ErrorState } from '~/ui/ErrorState';
import { SkeletonRows } from '~/ui/SkeletonRows';
import classes from './AlertList.module.css';

const AlertEvidenceQuery = graphql(`
  query AlertEvidence($id: ID!) {
    alert(id: $id) {
      id
      unit
      value
      score
      threshold
      lastSeenAt
      evidence {
        formula
        inputs
      }
    }
  }
`);

function writeInput(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

/** The numbers behind an alert: enough to compute its score again by hand. */
export function AlertEvidence({ alertId }: { alertId: string }) {
  const [{ data, error }, execute] = useLastingQuery({
    query: AlertEvidenceQuery,
    variables: { id: alertId },
  });
  if (error && !data) {
    return (
      <ErrorState
        what="The evidence could not be loaded."
        error={error}
        onRetry={() => execute({ requestPolicy: 'network-only' })}
      />
    );
  }
  if (!data) {
    return <SkeletonRows label="Loading the evidence" count={2} height={32} />;
  }
  if (!data.alert) {
    return <p>This alert no longer exists.</p>;
  }
  const { evidence, score, threshold, value, unit, lastSeenAt } = data.alert;
  return (
    <section className={classes.evidence} aria-label="Evidence">
      <p className="pw-code">{evidence.formula}</p>
      <dl className={classes.inputs}>
        {Object.entries(evidence.inputs).map(([name, input]) => (
          <div key={name}>
            <dt>{toWords(name)}</dt>
            <dd className="pw-code">{writeInput(input)}</dd>
          </div>
        ))}
      </dl>
      <p>
        Value {formatValue(value)} {formatUnit(unit)}, score {formatValue(score)} against a threshold of{' '}
        {formatValue(threshold)}. Last seen {formatDateTime(lastSeenAt)}.
      </p>
    </section>
  );
}
