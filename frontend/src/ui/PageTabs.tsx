import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './PageTabs.module.css';

interface PageTabsProps {
  /** What the pages are about. */
  label: string;
  places: readonly { to: LinkProps['to']; label: string }[];
}

/** The pages about one thing, side by side. */
export function PageTabs({ label, places }: PageTabsProps) {
  return (
    <nav className={classes.tabs} aria-label={label}>
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          className={classes.tab}
          activeOptions={{ exact: true, includeSearch: false }}
        >
          {place.label}
        </Link>
      ))}
    </nav>
  );
}
