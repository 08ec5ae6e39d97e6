import {
  createRoute,
  createRouter,
  lazyRouteComponent,
  type RouterHistory,
  redirect,
} from '@tanstack/react-router';
import * as v from 'valibot';
import { agentSearch, agentsSearch } from '~/features/agents/model/search';
import { alarmPerformanceSearch } from '~/features/alarm-performance/model/search';
import { alertsSearch } from '~/features/alerts/model/search';
import { auditSearch } from '~/features/audit/model/search';
import { connectSearch } from '~/features/connect/model/search';
import { detectorsSearch } from '~/features/detectors/model/search';
import { fleetSearch } from '~/features/fleet/model/search';
import { machineSearch } from '~/features/machine/model/search';
import { sourcesSearch } from '~/features/sources/model/search';
import { workOrdersSearch } from '~/features/work-orders/model/workOrder';
import { textParam } from '~/lib/searchParams';
import { SkeletonRows } from '~/ui/SkeletonRows';
import { PageFault } from './PageFault';
import { PageMissing } from './PageMissing';
import { rootRoute, shellRoute } from './shellRoute';
import { tellingRoutes } from './tellingRoutes';

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: v.object({ to: textParam }),
  component: lazyRouteComponent(() => import('~/features/sign-in/components/SignInPage'), 'SignInPage'),
});

const indexRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/fleet' });
  },
});

const fleetRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/fleet',
  validateSearch: fleetSearch,
  component: lazyRouteComponent(() => import('~/features/fleet/components/FleetPage'), 'FleetPage'),
});

const machineRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/machines/$machineId',
  validateSearch: machineSearch,
  component: lazyRouteComponent(() => import('~/features/machine/components/MachinePage'), 'MachinePage'),
});

const detectorsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/machines/$machineId/metrics/$metricId/detection',
  validateSearch: detectorsSearch,
  component: lazyRouteComponent(
    () => import('~/features/detectors/components/DetectorsPage'),
    'DetectorsPage',
  ),
});

const machineDetectionRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/machines/$machineId/detection',
  validateSearch: detectorsSearch,
  component: lazyRouteComponent(
    () => import('~/features/detectors/components/MachineDetectionPage'),
    'MachineDetectionPage',
  ),
});

const alertsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/alerts',
  validateSearch: alertsSearch,
  component: lazyRouteComponent(() => import('~/features/alerts/components/AlertsPage'), 'AlertsPage'),
});

const alertsAsideRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/alerts/aside',
  validateSearch: alertsSearch,
  component: lazyRouteComponent(() => import('~/features/alerts/components/AsidePage'), 'AsidePage'),
});

const alarmPerformanceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/alerts/performance',
  validateSearch: alarmPerformanceSearch,
  component: lazyRouteComponent(
    () => import('~/features/alarm-performance/components/PerformancePage'),
    'PerformancePage',
  ),
});

const alertRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/alerts/$alertId',
  component: lazyRouteComponent(() => import('~/features/alerts/components/TriagePage'), 'TriagePage'),
});

const workOrdersRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/work-orders',
  validateSearch: workOrdersSearch,
  component: lazyRouteComponent(
    () => import('~/features/work-orders/components/WorkOrdersPage'),
    'WorkOrdersPage',
  ),
});

const agentsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents',
  validateSearch: agentsSearch,
  component: lazyRouteComponent(() => import('~/features/agents/components/AgentsPage'), 'AgentsPage'),
});

const agentNewRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents/new',
  component: lazyRouteComponent(
    () => import('~/features/agents/components/ConnectAgentPage'),
    'ConnectAgentPage',
  ),
});

const agentRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/agents/$agentId',
  validateSearch: agentSearch,
  component: lazyRouteComponent(() => import('~/features/agents/components/AgentPage'), 'AgentPage'),
});

const auditRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/audit',
  validateSearch: auditSearch,
  component: lazyRouteComponent(() => import('~/features/audit/components/AuditPage'), 'AuditPage'),
});

const settingsRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('~/features/settings/components/SettingsPage'), 'SettingsPage'),
});

const storageRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/storage',
  component: lazyRouteComponent(() => import('~/features/storage/components/StoragePage'), 'StoragePage'),
});

const sourcesRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sources',
  validateSearch: sourcesSearch,
  component: lazyRouteComponent(() => import('~/features/sources/components/SourcesPage'), 'SourcesPage'),
});

const sourceRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/sources/$sourceId',
  component: lazyRouteComponent(() => import('~/features/sources/components/SourcePage'), 'SourcePage'),
});

const connectRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '/connect',
  validateSearch: connectSearch,
  component: lazyRouteComponent(() => import('~/features/connect/components/ConnectPage'), 'ConnectPage'),
});

/** Any other address: the frame stays, so that the way back is where it always is. */
const missingRoute = createRoute({
  getParentRoute: () => shellRoute,
  path: '$',
  component: PageMissing,
});

const routeTree = rootRoute.addChildren([
  indexRoute,
  signInRoute,
  shellRoute.addChildren([
    fleetRoute,
    machineRoute,
    detectorsRoute,
    machineDetectionRoute,
    alertsRoute,
    alertsAsideRoute,
    alarmPerformanceRoute,
    alertRoute,
    workOrdersRoute,
    agentsRoute,
    agentNewRoute,
    agentRoute,
    auditRoute,
    settingsRoute,
    storageRoute,
    sourcesRoute,
    sourceRoute,
    connectRoute,
    ...tellingRoutes,
    missingRoute,
  ]),
]);

/** The routes, each page in a chunk of its own; a session is needed for all but the sign-in. */
export function createAppRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    history,
    defaultErrorComponent: PageFault,
    defaultNotFoundComponent: PageMissing,
    defaultPendingComponent: () => <SkeletonRows label="Loading the page" />,
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
