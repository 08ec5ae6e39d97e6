import { useQuery } from 'urql';
import { graphql, type ResultOf } from '~/gql/graphql';
import { SetupFields } from '../model/sourceFragment';

const IngestSourceSetup = graphql(
  `
    query IngestSourceSetup {
      ingestSourceSetup {
        ...SetupFields
      }
    }
  `,
  [SetupFields],
);

export type Setup = ResultOf<typeof SetupFields>;

/** What the server allows; null until it has said so. */
export function useSetup(): Setup | null {
  const [{ data }] = useQuery({ query: IngestSourceSetup });
  return data?.ingestSourceSetup ?? null;
}
