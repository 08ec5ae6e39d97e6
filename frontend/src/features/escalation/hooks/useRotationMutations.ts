import { useClient } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { createRotation, RotationFields, type RotationInput } from '../model/rotation';

const updateRotation = graphql(
  `
    mutation UpdateOnCallRotation($input: OnCallRotationUpdateInput!) {
      onCallRotationUpdate(input: $input) {
        __typename
        ... on OnCallRotationUpdateSuccess {
          rotation {
            ...RotationFields
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [RotationFields],
);

const deleteRotation = graphql(`
  mutation DeleteOnCallRotation($input: OnCallRotationDeleteInput!) {
    onCallRotationDelete(input: $input) {
      __typename
      ... on OnCallRotationDeleteSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const createOverride = graphql(`
  mutation CreateOnCallOverride($input: OnCallOverrideCreateInput!) {
    onCallOverrideCreate(input: $input) {
      __typename
      ... on OnCallOverrideCreateSuccess {
        override {
          id
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const deleteOverride = graphql(`
  mutation DeleteOnCallOverride($input: OnCallOverrideDeleteInput!) {
    onCallOverrideDelete(input: $input) {
      __typename
      ... on OnCallOverrideDeleteSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type NewOverride = VariablesOf<typeof createOverride>['input'];

export interface RotationMutations {
  create: (input: RotationInput) => Promise<Outcome<unknown>>;
  update: (id: string, expectedVersion: number, input: RotationInput) => Promise<Outcome<unknown>>;
  remove: (id: string) => Promise<Outcome<unknown>>;
  addOverride: (input: NewOverride) => Promise<Outcome<unknown>>;
  removeOverride: (id: string) => Promise<Outcome<unknown>>;
}

/** Changes of rotations and overrides; each answers what came of it, or why it was refused. */
export function useRotationMutations(): RotationMutations {
  const client = useClient();
  return {
    create: async (input) =>
      readOutcome(await client.mutation(createRotation, { input }), (data) => data.onCallRotationCreate),
    update: async (id, expectedVersion, input) =>
      readOutcome(
        await client.mutation(updateRotation, { input: { ...input, id, expectedVersion } }),
        (data) => data.onCallRotationUpdate,
      ),
    remove: async (id) =>
      readOutcome(
        await client.mutation(deleteRotation, { input: { id } }),
        (data) => data.onCallRotationDelete,
      ),
    addOverride: async (input) =>
      readOutcome(await client.mutation(createOverride, { input }), (data) => data.onCallOverrideCreate),
    removeOverride: async (id) =>
      readOutcome(
        await client.mutation(deleteOverride, { input: { id } }),
        (data) => data.onCallOverrideDelete,
      ),
  };
}
