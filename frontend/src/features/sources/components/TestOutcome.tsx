import { Note } from '~/ui/Note';
import type { SourceTest } from '../hooks/useSourceTest';
import { asksForTrust } from '../model/testReport';
import { OwnCertificate, ServerTrust } from './Certificates';
import { TestedTags } from './TestedTags';
import { TestSteps } from './TestSteps';

interface TestOutcomeProps {
  test: SourceTest;
  /** The fingerprint that was tested with. */
  confirmed: string | null;
  onConfirm: ((fingerprint: string) => void) | undefined;
}

/** Everything that a test has shown, and the trust that it asks for. */
export function TestOutcome({ test, confirmed, onConfirm }: TestOutcomeProps) {
  const { report, problem, isRunning } = test;
  return (
    <>
      {problem && <Note role="alert">{problem.message}</Note>}
      {(report || isRunning) && <TestSteps report={report} isRunning={isRunning} />}
      {report && (
        <>
          <p role="status" className="pw-hidden">
            {report.isSuccessful ? 'The test passed.' : 'The test failed.'}
          </p>
          {report.serverCertificate && asksForTrust(report) && (
            <ServerTrust certificate={report.serverCertificate} confirmed={confirmed} onConfirm={onConfirm} />
          )}
          <TestedTags tags={report.tags} />
          {report.clientCertificate && <OwnCertificate certificate={report.clientCertificate} />}
        </>
      )}
    </>
  );
}
