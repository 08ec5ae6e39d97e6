import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { deliveriesSearch } from '~/features/notifications/model/search';
import { rulesSearch } from '~/features/rules/model/search';
import { shellRoute } from './shellRoute';

const channelsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications',
  component: lazyRouteComponent(
    () => import('~/features/notifications/components/ChannelsPage'),
    'ChannelsPage',
  ),
});

const deliveriesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications/deliveries',
  validateSearch: deliveriesSearch,
  component: lazyRouteComponent(
    () => import('~/features/notifications/components/DeliveriesPage'),
    'DeliveriesPage',
  ),
});

const notificationRoutesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications/routes',
  component: lazyRouteComponent(() => import('~/features/notifications/components/RoutesPage'), 'RoutesPage'),
});

const wordsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/notifications/words',
  component: lazyRouteComponent(() => import('~/features/notifications/components/WordsPage'), 'WordsPage'),
});

const rulesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rules',
  validateSearch: rulesSearch,
  component: lazyRouteComponent(() => import('~/features/rules/components/RulesPage'), 'RulesPage'),
});

const ruleNewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rules/new',
  component: lazyRouteComponent(() => import('~/features/rules/components/NewRulePage'), 'NewRulePage'),
});

const ruleRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/rules/$ruleId',
  component: lazyRouteComponent(() => import('~/features/rules/components/RulePage'), 'RulePage'),
});

const escalationRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/escalation',
  component: lazyRouteComponent(
    () => import('~/features/escalation/components/PoliciesPage'),
    'PoliciesPage',
  ),
});

const onCallRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/escalation/on-call',
  component: lazyRouteComponent(() => import('~/features/escalation/components/OnCallPage'), 'OnCallPage'),
});

const quietHoursRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/escalation/quiet-hours',
  component: lazyRouteComponent(
    () => import('~/features/escalation/components/QuietHoursPage'),
    'QuietHoursPage',
  ),
});

/** What raises alerts, and who is told of them. */
export const tellingRoutes = [
  channelsRoute,
  deliveriesRoute,
  notificationRoutesRoute,
  wordsRoute,
  rulesRoute,
  ruleNewRoute,
  ruleRoute,
  escalationRoute,
  onCallRoute,
  quietHoursRoute,
] as const;
