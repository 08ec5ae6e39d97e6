import type { WebSocketRoute } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

const soon = { timeout: 20_000 };

test('a lost link is said, and what was missed is there when it is back', async ({
  page,
  alerts,
  shell,
  apiOf,
  brokenPump,
}) => {
  const open: WebSocketRoute[] = [];
  let isBlocked = false;
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    if (isBlocked) {
      void socket.close({ code: 1013 });
      return;
    }
    socket.connectToServer();
    open.push(socket);
  });
  await alerts.open(`?machine=${brokenPump.machine.id}&state=ACTIVE_UNACKNOWLEDGED`);
  await expect(shell.connection).toHaveText('Live');
  const waiting = alerts.rows.first();
  await expect(waiting).toBeVisible();

  isBlocked = true;
  await Promise.all(open.map((socket) => socket.close({ code: 1012 })));
  await expect(shell.connection).toHaveText(/^Reconnecting since \d\d:\d\d:\d\d$/);
  await expect(shell.connectionBanner).toBeVisible();
  const api = await apiOf('operator');
  for (const { id, state, machine } of await api.alerts()) {
    if (machine?.id === brokenPump.machine.id && state === 'ACTIVE_UNACKNOWLEDGED') {
      await api.acknowledge(id);
    }
  }
  await expect(waiting).toBeVisible();

  isBlocked = false;
  await expect(shell.connection).toHaveText('Live', soon);
  await expect(shell.connectionBanner).toBeHidden();
  await expect(page.getByRole('region', { name: 'No alert matches' })).toBeVisible(soon);
});

test('without a network values are marked stale, and trends catch up after it', async ({
  page,
  machine,
  shell,
  brokenPump,
}) => {
  await machine.open(brokenPump.machine.id);
  await expect(shell.connection).toHaveText('Live');
  await expect(machine.trend('Flow')).toBeVisible();
  const age = page.locator('dl[aria-label="Machine state"] time');
  await page.context().setOffline(true);
  await expect(shell.connection).toHaveText(/^Offline since/);
  await expect(age.getByRole('img', { name: 'Stale' })).toBeVisible();
  await expect(machine.trend('Flow')).toContainText('stale');
  // A return to the tab asks for everything again, which fails now and must remove nothing.
  const refused = ['MachineDetail', 'TrendReadings'].map((name) =>
    page.waitForEvent('requestfailed', (request) => Boolean(request.postData()?.includes(`query ${name}`))),
  );
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await Promise.all(refused);
  // The next tick of the clock has drawn the page again.
  const clock = await shell.clock.innerText();
  await expect(shell.clock).not.toHaveText(clock);
  await expect(machine.title(incident.machineName)).toBeVisible();
  await expect(machine.trend('Flow')).toBeVisible();
  const value = await machine.value('Flow');
  await page.context().setOffline(false);
  await expect(shell.connection).toHaveText('Live', soon);
  await expect(age.getByRole('img', { name: 'Stale' })).toBeHidden();
  await expect.poll(() => machine.value('Flow')).not.toBe(value);
});
