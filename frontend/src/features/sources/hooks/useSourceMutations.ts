import { useClient } from 'urql';
import { graphql, type VariablesOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { SourceDetail, type SourceWithTags } from '../model/sourceFragment';

export const createIngestSource = graphql(
  `
    mutation CreateIngestSource($input: CreateIngestSourceInput!) {
      createIngestSource(input: $input) {
        __typename
        ... on CreateIngestSourceSuccess {
          source {
            ...SourceDetail
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [SourceDetail],
);

export const updateIngestSource = graphql(
  `
    mutation UpdateIngestSource($input: UpdateIngestSourceInput!) {
      updateIngestSource(input: $input) {
        __typename
        ... on UpdateIngestSourceSuccess {
          source {
            ...SourceDetail
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [SourceDetail],
);

export const setTagMappings = graphql(
  `
    mutation SetTagMappings($input: SetTagMappingsInput!) {
      setTagMappings(input: $input) {
        __typename
        ... on SetTagMappingsSuccess {
          source {
            ...SourceDetail
          }
        }
        ... on UserError {
          message
          path
        }
      }
    }
  `,
  [SourceDetail],
);

const pauseIngestSource = graphql(`
  mutation PauseIngestSource($input: PauseIngestSourceInput!) {
    pauseIngestSource(input: $input) {
      __typename
      ... on PauseIngestSourceSuccess {
        source {
          id
          isPaused
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const resumeIngestSource = graphql(`
  mutation ResumeIngestSource($input: ResumeIngestSourceInput!) {
    resumeIngestSource(input: $input) {
      __typename
      ... on ResumeIngestSourceSuccess {
        source {
          id
          isPaused
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const deleteIngestSource = graphql(`
  mutation DeleteIngestSource($input: DeleteIngestSourceInput!) {
    deleteIngestSource(input: $input) {
      __typename
      ... on DeleteIngestSourceSuccess {
        id
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type NewSource = VariablesOf<typeof createIngestSource>['input'];
export type SourceChange = VariablesOf<typeof updateIngestSource>['input'];
export type TagChange = VariablesOf<typeof setTagMappings>['input'];

function sourceOf<Member extends { source: SourceWithTags }>(
  outcome: Outcome<Member>,
): Outcome<SourceWithTags> {
  return outcome.ok ? { ok: true, value: outcome.value.source } : outcome;
}

export interface SourceMutations {
  create: (input: NewSource) => Promise<Outcome<SourceWithTags>>;
  update: (input: SourceChange) => Promise<Outcome<SourceWithTags>>;
  setTags: (input: TagChange) => Promise<Outcome<SourceWithTags>>;
  setPaused: (id: string, isPaused: boolean) => Promise<Outcome<unknown>>;
  remove: (id: string) => Promise<Outcome<unknown>>;
}

/** Changes of sources; each answers what came of it, or why it was refused. */
export function useSourceMutations(): SourceMutations {
  const client = useClient();
  return {
    create: async (input) =>
      sourceOf(
        readOutcome(await client.mutation(createIngestSource, { input }), (data) => data.createIngestSource),
      ),
    update: async (input) =>
      sourceOf(
        readOutcome(await client.mutation(updateIngestSource, { input }), (data) => data.updateIngestSource),
      ),
    setTags: async (input) =>
      sourceOf(readOutcome(await client.mutation(setTagMappings, { input }), (data) => data.setTagMappings)),
    setPaused: async (id, isPaused) =>
      isPaused
        ? readOutcome(
            await client.mutation(pauseIngestSource, { input: { id } }),
            (data) => data.pauseIngestSource,
          )
        : readOutcome(
            await client.mutation(resumeIngestSource, { input: { id } }),
            (data) => data.resumeIngestSource,
          ),
    remove: async (id) =>
      readOutcome(
        await client.mutation(deleteIngestSource, { input: { id } }),
        (data) => data.deleteIngestSource,
      ),
  };
}
