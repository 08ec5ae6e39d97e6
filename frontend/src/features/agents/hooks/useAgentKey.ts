import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { useNow } from '~/lib/now';
import { canAdminister, useViewer } from '~/lib/viewer';

const AgentKeys = graphql(`
  query AgentKeys {
    apiKeys {
      id
      name
      expiresAt
      revokedAt
    }
  }
`);

/** The key of an agent's last heartbeat; null while it is not known, and to all but administrators. */
export function useAgentKey(apiKeyId: string): { name: string; hasEnded: boolean } | null {
  const isAdmin = canAdminister(useViewer());
  const [{ data }] = useQuery({ query: AgentKeys, pause: !isAdmin });
  const now = useNow();
  const key = data?.apiKeys.find(({ id }) => id === apiKeyId);
  if (!key) {
    return null;
  }
  const isExpired = key.expiresAt !== null && Date.parse(key.expiresAt) < now;
  return { name: key.name, hasEnded: key.revokedAt !== null || isExpired };
}
