import { Link } from '@tanstack/react-router';
import classes from './Notifications.module.css';

const places = [
  { to: '/notifications', label: 'Channels' },
  { to: '/notifications/routes', label: 'Routes' },
  { to: '/notifications/words', label: 'Words' },
  { to: '/notifications/deliveries', label: 'Delivery log' },
] as const;

/** The pages of notifications, side by side. */
export function NotificationTabs() {
  return (
    <nav className={classes.tabs} aria-label="Notifications">
      {places.map(({ to, label }) => (
        <Link key={to} to={to} className={classes.tab} activeOptions={{ exact: true, includeSearch: false }}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
