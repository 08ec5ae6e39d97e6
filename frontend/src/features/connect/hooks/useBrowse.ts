import { useCallback, useState } from 'react';
import { useClient } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { readOutcome } from '~/gql/mutationResult';
import { type Level, rootKey } from '../model/nodes';

const NodeFields = graphql(`
  fragment NodeFields on OpcUaNode @_unmask {
    nodeId
    stableNodeId
    path
    name
    nodeClass
    dataType
    value
    unit
    isReadable
    whyNot
  }
`);

const BrowseIngestSource = graphql(
  `
    mutation BrowseIngestSource($input: BrowseIngestSourceInput!) {
      browseIngestSource(input: $input) {
        __typename
        ... on BrowseIngestSourceSuccess {
          nodes {
            ...NodeFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [NodeFields],
);

export type OpcUaNode = ResultOf<typeof NodeFields>;
export type BrowseInput = Omit<VariablesOf<typeof BrowseIngestSource>['input'], 'nodeId'>;

/** The nodes of a server, level by level as they are asked for. */
export function useBrowse(input: BrowseInput) {
  const client = useClient();
  const [levels, setLevels] = useState<ReadonlyMap<string, Level>>(new Map());
  const key = JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the input
  const load = useCallback(
    async (nodeId: string = rootKey): Promise<void> => {
      const put = (level: Level): void => setLevels((old) => new Map(old).set(nodeId, level));
      put({ state: 'loading' });
      const result = await client.mutation(BrowseIngestSource, {
        input: { ...input, nodeId: nodeId || null },
      });
      const outcome = readOutcome(result, (data) => data.browseIngestSource);
      put(
        outcome.ok
          ? { state: 'loaded', nodes: outcome.value.nodes }
          : { state: 'failed', message: outcome.problem.message },
      );
    },
    [client, key],
  );
  return { levels, load };
}
