import { Link } from '@tanstack/react-router';
import classes from './Escalation.module.css';

const tabs = [
  { to: '/escalation', label: 'Policies' },
  { to: '/escalation/on-call', label: 'On call' },
  { to: '/escalation/quiet-hours', label: 'Quiet hours' },
] as const;

/** The three pages of escalation. */
export function EscalationTabs() {
  return (
    <nav className={classes.tabs} aria-label="Escalation">
      {tabs.map(({ to, label }) => (
        <Link key={to} to={to} className={classes.tab} activeOptions={{ exact: true }}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
