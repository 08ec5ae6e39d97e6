import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useHotkeys } from '~/lib/hotkeys';
import { canAdminister, useViewer } from '~/lib/viewer';
import { AlarmSummary } from './AlarmSummary';
import { Clock } from './Clock';
import { ConnectionBadge, ConnectionBanner } from './ConnectionBadge';
import { HelpDialog } from './HelpDialog';
import classes from './Shell.module.css';
import { StalenessProvider } from './StalenessProvider';
import { UserMenu } from './UserMenu';
import { ViewerProvider } from './ViewerProvider';

const places = [
  { to: '/fleet', label: 'Fleet', isForAdmins: false },
  { to: '/alerts', label: 'Alerts', isForAdmins: false },
  { to: '/rules', label: 'Rules', isForAdmins: false },
  { to: '/work-orders', label: 'Work orders', isForAdmins: false },
  { to: '/escalation', label: 'Escalation', isForAdmins: false },
  { to: '/agents', label: 'Agents', isForAdmins: false },
  { to: '/sources', label: 'Sources', isForAdmins: false },
  { to: '/notifications', label: 'Notifications', isForAdmins: false },
  { to: '/audit', label: 'Audit trail', isForAdmins: false },
  { to: '/settings', label: 'Settings', isForAdmins: false },
  { to: '/storage', label: 'Storage', isForAdmins: true },
] as const;

function useNavigationKeys(onHelp: () => void): void {
  const navigate = useNavigate();
  useHotkeys({
    'g f': () => void navigate({ to: '/fleet' }),
    'g a': () => void navigate({ to: '/alerts' }),
    'g w': () => void navigate({ to: '/work-orders' }),
    'g e': () => void navigate({ to: '/agents' }),
    'g o': () => void navigate({ to: '/sources' }),
    'g t': () => void navigate({ to: '/audit' }),
    'g s': () => void navigate({ to: '/settings' }),
    '?': onHelp,
  });
}

/** What only administrators may see is shown to them alone. */
function Places() {
  const isAdmin = canAdminister(useViewer());
  return places
    .filter(({ isForAdmins }) => isAdmin || !isForAdmins)
    .map(({ to, label }) => (
      <Link key={to} to={to} className={classes.place} activeOptions={{ includeSearch: false }}>
        {label}
      </Link>
    ));
}

/** The frame around every page: alarm summary, connection, clock and navigation stay where they are. */
export function Shell() {
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const openHelp = (): void => setIsHelpOpen(true);
  useNavigationKeys(openHelp);
  return (
    <ViewerProvider>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <div className={classes.shell}>
        <header className={classes.top}>
          <span className={classes.name}>Plantwright</span>
          <AlarmSummary />
          <span className={classes.spring} />
          <ConnectionBadge />
          <Clock />
          <UserMenu onHelp={openHelp} />
        </header>
        <nav className={classes.nav} aria-label="Main">
          <Places />
        </nav>
        <main id="content" className={classes.content} tabIndex={-1}>
          <ConnectionBanner />
          <div className={classes.page}>
            <StalenessProvider>
              <Outlet />
            </StalenessProvider>
          </div>
        </main>
      </div>
      <HelpDialog isOpen={isHelpOpen} onClose={() => setIsHelpOpen(false)} />
    </ViewerProvider>
  );
}
