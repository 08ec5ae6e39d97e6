import { useCallback } from 'react';
import { type CombinedError, useClient } from 'urql';
import { graphql, type ResultOf, type VariablesOf } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';

const TemplateList = graphql(`
  query NotificationTemplateList {
    notificationTemplates {
      event
      language
      subject
      text
      isOwn
    }
  }
`);

const SaveTemplate = graphql(`
  mutation SaveNotificationTemplate($input: SaveNotificationTemplateInput!) {
    saveNotificationTemplate(input: $input) {
      __typename
      ... on SaveNotificationTemplateSuccess {
        template {
          event
          language
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const DeleteTemplate = graphql(`
  mutation DeleteNotificationTemplate($input: DeleteNotificationTemplateInput!) {
    deleteNotificationTemplate(input: $input) {
      __typename
      ... on DeleteNotificationTemplateSuccess {
        isDeleted
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

const PreviewTemplate = graphql(`
  mutation PreviewNotificationTemplate($input: PreviewNotificationTemplateInput!) {
    previewNotificationTemplate(input: $input) {
      __typename
      ... on PreviewNotificationTemplateSuccess {
        preview {
          subject
          text
        }
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

export type Template = ResultOf<typeof TemplateList>['notificationTemplates'][number];
type SaveInput = VariablesOf<typeof SaveTemplate>['input'];

interface Templates {
  templates: readonly Template[] | undefined;
  error: CombinedError | undefined;
  refetch: () => void;
  save: (input: SaveInput) => Promise<Outcome<unknown>>;
  remove: (input: VariablesOf<typeof DeleteTemplate>['input']) => Promise<Outcome<unknown>>;
  preview: (input: SaveInput) => Promise<Outcome<{ preview: { subject: string; text: string } }>>;
}

/** The words for every event and language, and what can be done with them. */
export function useTemplates(): Templates {
  const client = useClient();
  const [{ data, error }, execute] = useLastingQuery({ query: TemplateList, requestPolicy: 'network-only' });
  const refetch = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  return {
    templates: data?.notificationTemplates,
    error,
    refetch,
    save: async (input) =>
      readOutcome(
        await client.mutation(SaveTemplate, { input }),
        (answer) => answer.saveNotificationTemplate,
      ),
    remove: async (input) =>
      readOutcome(
        await client.mutation(DeleteTemplate, { input }),
        (answer) => answer.deleteNotificationTemplate,
      ),
    preview: async (input) =>
      readOutcome(
        await client.mutation(PreviewTemplate, { input }),
        (answer) => answer.previewNotificationTemplate,
      ),
  };
}
