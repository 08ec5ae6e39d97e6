import { useRef } from 'react';
import { type AnyVariables, type UseQueryArgs, type UseQueryResponse, useQuery } from 'urql';

function question(variables: unknown): string {
  return JSON.stringify(variables ?? {});
}

/**
 * `useQuery` that keeps the last answer when the same question fails later.
 *
 * A page that loses its server goes on showing what it knew, marked stale, with no error in its place.
 */
export function useLastingQuery<Data, Variables extends AnyVariables>(
  args: UseQueryArgs<Variables, Data>,
): UseQueryResponse<Data, Variables> {
  const [state, execute] = useQuery<Data, Variables>(args);
  const last = useRef<{ question: string; data: Data } | null>(null);
  const asked = question(args.variables);
  if (state.data && state.operation && question(state.operation.variables) === asked) {
    last.current = { question: asked, data: state.data };
  }
  const known = last.current?.question === asked ? last.current.data : undefined;
  return [state.data ? state : { ...state, data: known }, execute];
}
