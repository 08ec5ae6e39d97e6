import { useRef, useState } from 'react';
import { useClient } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { readOutcome, type UserProblem } from '~/gql/mutationResult';

export const TestReport = graphql(`
  fragment TestReport on IngestSourceTest @_unmask {
    isSuccessful
    steps {
      name
      outcome
      message
    }
    tags {
      tag
      metricName
      unit
      value
      quality
      time
      problem
    }
    offers {
      securityMode
      securityPolicy
      userTokens
    }
    serverCertificate {
      fingerprint
      subject
      applicationUri
      notBefore
      notAfter
    }
    isServerConfirmed
    clientCertificate {
      fingerprint
      subject
      pem
    }
  }
`);

const TestIngestSource = graphql(
  `
    mutation TestIngestSource($input: TestIngestSourceInput!) {
      testIngestSource(input: $input) {
        __typename
        ... on TestIngestSourceSuccess {
          test {
            ...TestReport
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [TestReport],
);

export type Report = ResultOf<typeof TestReport>;
export type TestInput = VariablesOf<typeof TestIngestSource>['input'];

export interface SourceTest {
  isRunning: boolean;
  report: Report | null;
  problem: UserProblem | null;
  run: (input: TestInput) => Promise<Report | null>;
  /** Forgets what a test has shown, because something else would be tested now. */
  forget: () => void;
}

/** A test of a connection: what the last one has shown, or why there was none. */
export function useSourceTest(): SourceTest {
  const client = useClient();
  const [report, setReport] = useState<Report | null>(null);
  const [problem, setProblem] = useState<UserProblem | null>(null);
  const [isRunning, setIsRunning] = useState(false);
  const turn = useRef(0);
  const forget = (): void => {
    turn.current += 1;
    setReport(null);
    setProblem(null);
    setIsRunning(false);
  };
  const run = async (input: TestInput): Promise<Report | null> => {
    forget();
    const own = turn.current;
    setIsRunning(true);
    const outcome = readOutcome(
      await client.mutation(TestIngestSource, { input }),
      (data) => data.testIngestSource,
    );
    if (own !== turn.current) {
      return null;
    }
    setIsRunning(false);
    if (!outcome.ok) {
      setProblem(outcome.problem);
      return null;
    }
    setReport(outcome.value.test);
    return outcome.value.test;
  };
  return { isRunning, report, problem, run, forget };
}
