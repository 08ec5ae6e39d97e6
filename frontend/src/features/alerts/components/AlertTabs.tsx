import { Link } from '@tanstack/react-router';
import classes from './AlertTabs.module.css';

const places = [
  { to: '/alerts', label: 'Queue' },
  { to: '/alerts/aside', label: 'Put aside' },
  { to: '/alerts/performance', label: 'Performance' },
] as const;

/** The pages about alerts, side by side. */
export function AlertTabs() {
  return (
    <nav className={classes.tabs} aria-label="Alerts">
      {places.map(({ to, label }) => (
        <Link key={to} to={to} className={classes.tab} activeOptions={{ exact: true, includeSearch: false }}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
