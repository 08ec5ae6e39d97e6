// biome-ignore-all lint/performance/noBarrelFile: one place for typed documents and the reading of their fragments
import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './graphql-env';

type JsonObject = Record<string, unknown>;

/** Builds typed documents from `../schema.graphql`; the types are generated before every build. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: {
    BigInt: number;
    Date: string;
    DateTime: string;
    FloatColumn: (number | null)[];
    IntColumn: number[];
    JSON: JsonObject;
    TextColumn: string[];
    TimeColumn: number[];
  };
}>();

export type { FragmentOf, ResultOf, VariablesOf } from 'gql.tada';
export { readFragment } from 'gql.tada';
