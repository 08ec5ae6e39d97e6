import { createRootRoute, createRoute, Outlet, redirect } from '@tanstack/react-router';
import { getSession } from '~/lib/session';
import { Shell } from './Shell';

export const rootRoute = createRootRoute({ component: Outlet });

/** The frame of all pages that need a session. */
export const shellRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'shell',
  component: Shell,
  beforeLoad: ({ location }) => {
    if (!getSession()) {
      throw redirect({ to: '/sign-in', search: { to: location.href } });
    }
  },
});
