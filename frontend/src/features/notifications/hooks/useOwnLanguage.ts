import { type CombinedError, useClient } from 'urql';
import { graphql } from '~/gql/graphql';
import { type Outcome, readOutcome } from '~/gql/mutationResult';
import { useLastingQuery } from '~/gql/useLastingQuery';
import type { Language } from '../model/languages';

const OwnLanguage = graphql(`
  query OwnNotificationLanguage {
    notificationLanguage
  }
`);

const SetLanguage = graphql(`
  mutation SetOwnNotificationLanguage($input: SetNotificationLanguageInput!) {
    setNotificationLanguage(input: $input) {
      __typename
      ... on SetNotificationLanguageSuccess {
        language
      }
      ... on UserError {
        message
        path
      }
    }
  }
`);

interface OwnLanguageState {
  language: Language | undefined;
  error: CombinedError | undefined;
  refetch: () => void;
  choose: (language: Language) => Promise<Outcome<unknown>>;
}

/** The language in which one is told, by mail and in browsers. */
export function useOwnLanguage(): OwnLanguageState {
  const client = useClient();
  const [{ data, error }, execute] = useLastingQuery({
    query: OwnLanguage,
    requestPolicy: 'cache-and-network',
  });
  const refetch = (): void => execute({ requestPolicy: 'network-only' });
  return {
    language: data?.notificationLanguage,
    error,
    refetch,
    choose: async (language) => {
      const result = await client.mutation(SetLanguage, { input: { language } });
      refetch();
      return readOutcome(result, (answer) => answer.setNotificationLanguage);
    },
  };
}
