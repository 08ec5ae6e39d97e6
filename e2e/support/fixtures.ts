import { test as base, expect, type Page } from '@playwright/test';
import { AgentsPage } from '../pages/agents';
import { AlertsPage } from '../pages/alerts';
import { AuditPage } from '../pages/audit';
import { FleetPage } from '../pages/fleet';
import { MachinePage } from '../pages/machine';
import { SettingsPage } from '../pages/settings';
import { Shell } from '../pages/shell';
import { StoragePage } from '../pages/storage';
import { WorkOrdersPage } from '../pages/work-orders';
import { Api, type MachineAlert, type Session } from './api';
import { causeIncident } from './incident';
import { person, type Role } from './stack';

interface Pages {
  shell: Shell;
  fleet: FleetPage;
  machine: MachinePage;
  agents: AgentsPage;
  alerts: AlertsPage;
  workOrders: WorkOrdersPage;
  audit: AuditPage;
  settings: SettingsPage;
  storage: StoragePage;
}

interface Options {
  /** Who has signed in when the test begins; null for nobody. */
  signedInAs: { role: Role; domain?: string } | null;
  pageFaults: string[];
}

interface Shared {
  apiOf: (role: Role, domain?: string) => Promise<Api>;
  /** The critical vibration alert of the broken pump. */
  brokenPump: MachineAlert;
}

/** Puts a session where the application keeps it, once: a later sign-out stays one. */
export async function startSession(page: Page, session: Session): Promise<void> {
  await page.addInitScript((stored) => {
    const mark = 'plantwright.e2e.started';
    if (!sessionStorage.getItem(mark)) {
      sessionStorage.setItem(mark, 'yes');
      sessionStorage.setItem('plantwright.session', stored);
    }
  }, JSON.stringify(session));
}

export const test = base.extend<Pages & Options, Shared>({
  apiOf: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the wanted fixtures from the pattern
    async ({}, use) => {
      const known = new Map<string, Promise<Api>>();
      await use((role, domain) => {
        const someone = person(role, domain);
        const api = known.get(someone.email) ?? Api.signIn(someone);
        known.set(someone.email, api);
        return api;
      });
    },
    { scope: 'worker' },
  ],
  brokenPump: [
    async ({ apiOf }, use) => use(await causeIncident(await apiOf('admin'))),
    { scope: 'worker', timeout: 120_000 },
  ],
  signedInAs: [{ role: 'admin' }, { option: true }],
  page: async ({ page, signedInAs, apiOf }, use) => {
    if (signedInAs) {
      await startSession(page, (await apiOf(signedInAs.role, signedInAs.domain)).session);
    }
    await use(page);
  },
  pageFaults: [
    async ({ page }, use) => {
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      await use(faults);
      expect(faults, 'errors that no code of the page caught').toEqual([]);
    },
    { auto: true },
  ],
  shell: async ({ page }, use) => use(new Shell(page)),
  fleet: async ({ page }, use) => use(new FleetPage(page)),
  machine: async ({ page }, use) => use(new MachinePage(page)),
  agents: async ({ page }, use) => use(new AgentsPage(page)),
  alerts: async ({ page }, use) => use(new AlertsPage(page)),
  workOrders: async ({ page }, use) => use(new WorkOrdersPage(page)),
  audit: async ({ page }, use) => use(new AuditPage(page)),
  settings: async ({ page }, use) => use(new SettingsPage(page)),
  storage: async ({ page }, use) => use(new StoragePage(page)),
});

export { expect };
