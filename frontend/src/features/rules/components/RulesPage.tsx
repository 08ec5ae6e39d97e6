import { Button } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { canAdminister, useViewer } from '~/lib/viewer';
import { EmptyState } from '~/ui/EmptyState';
import { ErrorState } from '~/ui/ErrorState';
import { MoreRows } from '~/ui/MoreRows';
import { PageHeader } from '~/ui/PageHeader';
import { SearchField } from '~/ui/SearchField';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { useRules } from '../hooks/useRules';
import { RuleTable } from './RuleTable';

const route = getRouteApi('/shell/rules');

function NewRuleLink() {
  return (
    <Button component={Link} to="/rules/new" className="pw-target">
      New rule
    </Button>
  );
}

function RuleList({ search }: { search: string }) {
  const isAdmin = canAdminister(useViewer());
  const pages = useRules(search);
  const { nodes } = pages;
  if (!nodes) {
    return pages.error ? (
      <ErrorState what="The rules could not be loaded." error={pages.error} onRetry={pages.refetch} />
    ) : (
      <SkeletonRows label="Loading the rules" count={6} />
    );
  }
  if (nodes.length === 0) {
    return search ? (
      <EmptyState title="No rule matches">Search for another name.</EmptyState>
    ) : (
      <EmptyState title="There are no rules yet" action={isAdmin && <NewRuleLink />}>
        {isAdmin
          ? 'A rule says in plain words what must never go unnoticed, and is tried on past readings before it is saved.'
          : 'An administrator makes the first rule.'}
      </EmptyState>
    );
  }
  return (
    <>
      <RuleTable rules={nodes} canChange={isAdmin} onChanged={pages.refetch} />
      <MoreRows
        shown={nodes.length}
        total={pages.totalCount}
        noun="rules"
        hasMore={pages.hasMore}
        isFetching={pages.isFetching}
        onMore={pages.loadMore}
      />
    </>
  );
}

/** What raises alerts by conditions that people have written. */
export function RulesPage() {
  const { q = '' } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <PageHeader title="Rules">{canAdminister(useViewer()) && <NewRuleLink />}</PageHeader>
      <search className="pw-row pw-row-end" aria-label="Filter rules">
        <SearchField
          label="Search"
          placeholder="Part of the name"
          value={q}
          onChange={(value) => void navigate({ search: { q: value || undefined }, replace: true })}
        />
      </search>
      <RuleList search={q} />
    </>
  );
}
