import { type ReactNode, useMemo } from 'react';
import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { type CurrentViewer, ViewerContext } from '~/lib/viewer';

const ViewerQuery = graphql(`
  query Viewer {
    viewer {
      user {
        id
        email
        fullName
        role
      }
      tenant {
        id
        name
      }
    }
  }
`);

export function ViewerProvider({ children }: { children: ReactNode }) {
  const [{ data }] = useQuery({ query: ViewerQuery, requestPolicy: 'cache-first' });
  const viewer = useMemo<CurrentViewer | null>(() => {
    if (!data) {
      return null;
    }
    const { user, tenant } = data.viewer;
    const { id: userId, fullName, email, role } = user;
    return { userId, fullName, email, role, tenantName: tenant.name };
  }, [data]);
  return <ViewerContext value={viewer}>{children}</ViewerContext>;
}
