import { useEffect } from 'react';
import { useConnectionPages } from '~/gql/useConnectionPages';
import { type RuleMachine, RuleMachines } from '../model/operations';

const pageSize = 100;

/** All machines with their metrics, to choose from; null until there are some. */
export function useRuleMachines(): readonly RuleMachine[] | null {
  const { nodes, hasMore, isFetching, loadMore } = useConnectionPages({
    document: RuleMachines,
    variables: { first: pageSize },
    pick: (data) => data.machines,
  });
  useEffect(() => {
    if (hasMore && !isFetching) {
      loadMore();
    }
  }, [hasMore, isFetching, loadMore]);
  return nodes;
}
