import { PageTabs } from '~/ui/PageTabs';

const places = [
  { to: '/escalation', label: 'Policies' },
  { to: '/escalation/on-call', label: 'On call' },
  { to: '/escalation/quiet-hours', label: 'Quiet hours' },
] as const;

/** The three pages of escalation. */
export function EscalationTabs() {
  return <PageTabs label="Escalation" places={places} />;
}
