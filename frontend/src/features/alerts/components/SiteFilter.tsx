import { useQuery } from 'urql';
import { graphql } from '~/gql/graphql';
import { NamedFilter } from '~/ui/NamedFilter';

const AlertSites = graphql(`
  query AlertSites {
    alertSites
  }
`);

interface SiteFilterProps {
  value: string | undefined;
  onChange: (site: string | undefined) => void;
}

/** Chooses one of the sites that have had alerts; nothing in a plant with one site. */
export function SiteFilter({ value, onChange }: SiteFilterProps) {
  const [{ data }] = useQuery({ query: AlertSites, requestPolicy: 'cache-first' });
  const sites = data?.alertSites.filter(Boolean) ?? [];
  if (sites.length < 2 && value === undefined) {
    return null;
  }
  return (
    <NamedFilter
      label="Site"
      emptyLabel="All sites"
      unlistedLabel="The site of this link"
      items={sites.map((site) => ({ id: site, name: site }))}
      value={value}
      onChange={onChange}
    />
  );
}
