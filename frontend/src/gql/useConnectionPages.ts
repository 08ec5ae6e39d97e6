import { useCallback, useEffect, useRef, useState } from 'react';
import { type CombinedError, type TypedDocumentNode, useClient } from 'urql';

export interface Page<Node> {
  nodes: readonly Node[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface ConnectionPages<Node> {
  nodes: readonly Node[] | null;
  totalCount: number;
  hasMore: boolean;
  isFetching: boolean;
  error: CombinedError | undefined;
  loadMore: () => void;
  /** Fetches again every page that is shown. */
  refetch: () => void;
}

interface Options<Data, Variables, Node> {
  document: TypedDocumentNode<Data, Variables & { after: string | null }>;
  variables: Variables;
  pick: (data: Data) => Page<Node>;
}

interface Loaded<Node> {
  key: string;
  nodes: readonly Node[] | null;
  totalCount: number;
  hasMore: boolean;
  error: CombinedError | undefined;
}

const nothing = { nodes: null, totalCount: 0, hasMore: false, error: undefined };

/** Walks a Relay connection page by page; a refetch walks the same number of pages again. */
export function useConnectionPages<Data, Variables extends object, Node>(
  options: Options<Data, Variables, Node>,
): ConnectionPages<Node> {
  const client = useClient();
  const key = JSON.stringify(options.variables);
  const latest = useRef(options);
  latest.current = options;
  const [pageCount, setPageCount] = useState({ key, count: 1 });
  const wanted = pageCount.key === key ? pageCount.count : 1;
  const [revision, setRevision] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<Node>>({ key, ...nothing });
  const [isFetching, setIsFetching] = useState(true);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `revision` asks for the same pages again
  useEffect(() => {
    let isCurrent = true;
    setIsFetching(true);
    const walk = async (): Promise<void> => {
      const nodes: Node[] = [];
      let after: string | null = null;
      let page: Page<Node> | undefined;
      for (let index = 0; index < wanted; index += 1) {
        const { document, variables, pick } = latest.current;
        const result = await client
          .query(document, { ...variables, after }, { requestPolicy: 'network-only' })
          .toPromise();
        if (!isCurrent) {
          return;
        }
        if (!result.data) {
          setLoaded((old) => ({ ...(old.key === key ? old : { key, ...nothing }), error: result.error }));
          setIsFetching(false);
          return;
        }
        page = pick(result.data);
        nodes.push(...page.nodes);
        after = page.pageInfo.endCursor;
        if (!page.pageInfo.hasNextPage) {
          break;
        }
      }
      setLoaded({
        key,
        nodes,
        totalCount: page?.totalCount ?? nodes.length,
        hasMore: page?.pageInfo.hasNextPage ?? false,
        error: undefined,
      });
      setIsFetching(false);
    };
    void walk();
    return () => {
      isCurrent = false;
    };
  }, [client, key, wanted, revision]);

  const refetch = useCallback(() => setRevision((value) => value + 1), []);
  const shown = loaded.key === key ? loaded : { key, ...nothing };
  return {
    ...shown,
    isFetching,
    loadMore: () => setPageCount({ key, count: wanted + 1 }),
    refetch,
  };
}
