import { PageTabs } from '~/ui/PageTabs';

const places = [
  { to: '/alerts', label: 'Queue' },
  { to: '/alerts/aside', label: 'Put aside' },
  { to: '/alerts/performance', label: 'Performance' },
] as const;

/** The pages about alerts. */
export function AlertTabs() {
  return <PageTabs label="Alerts" places={places} />;
}
