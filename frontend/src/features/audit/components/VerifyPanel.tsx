import { Button } from '@mantine/core';
import type { CombinedError } from '@urql/core';
import { useState } from 'react';
import { useClient } from 'urql';
import { describeRequestError } from '~/gql/errorText';
import { graphql, type ResultOf } from '~/gql/graphql';
import { formatCount, formatDateTime } from '~/lib/format';
import { Note } from '~/ui/Note';
import { SeveritySymbol } from '~/ui/SeveritySymbol';
import { describeFault } from '../model/actions';

const VerifyAuditTrail = graphql(`
  query VerifyAuditTrail {
    auditVerification {
      isIntact
      recordsChecked
      firstBadSequence
      fault
      detail
      headHash
      verifiedAt
    }
  }
`);

type Verification = ResultOf<typeof VerifyAuditTrail>['auditVerification'];

function VerificationResult({ result }: { result: Verification }) {
  const checked = `${formatCount(result.recordsChecked)} records checked at ${formatDateTime(result.verifiedAt)}.`;
  if (result.isIntact) {
    return (
      <Note role="status">
        <p>
          <strong>The audit trail is intact.</strong> {checked}
        </p>
        <p>
          Head hash: <span className="pw-code">{result.headHash}</span>
        </p>
      </Note>
    );
  }
  return (
    <Note role="alert">
      <p className="pw-row">
        <SeveritySymbol severity="CRITICAL" />
        <strong>The audit trail is not intact.</strong>
      </p>
      <p>
        {describeFault(result.fault)}
        {result.firstBadSequence !== null &&
          ` The first bad row is number ${formatCount(result.firstBadSequence)}.`}
      </p>
      <p>{result.detail}</p>
      <p className="pw-dim">
        {checked} Keep the database as it is and tell the person responsible for evidence.
      </p>
    </Note>
  );
}

/** Walks the whole chain on the server and says in words what it found. */
export function VerifyPanel() {
  const client = useClient();
  const [isRunning, setIsRunning] = useState(false);
  const [result, setResult] = useState<Verification | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const handleVerify = async (): Promise<void> => {
    setIsRunning(true);
    const answer = await client.query(VerifyAuditTrail, {}, { requestPolicy: 'network-only' }).toPromise();
    setIsRunning(false);
    setError(answer.error ?? null);
    setResult(answer.data?.auditVerification ?? null);
  };
  return (
    <section className="pw-stack" aria-label="Verification">
      <div className="pw-row">
        <Button className="pw-target" disabled={isRunning} onClick={() => void handleVerify()}>
          {isRunning ? 'Verifying…' : 'Verify'}
        </Button>
        <span className="pw-dim">Checks every record of the hash chain, from the first to the newest.</span>
      </div>
      {error && (
        <Note role="alert">The chain could not be verified. {describeRequestError(error).title}</Note>
      )}
      {result && <VerificationResult result={result} />}
    </section>
  );
}
