import { colouredPixels } from '../support/colour';
import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';
import { demo } from '../support/stack';

const slow = { timeout: 90_000 };

test('a fault on the command line reaches the open fleet overview by itself', async ({
  page,
  fleet,
  shell,
}) => {
  test.setTimeout(180_000);
  await fleet.open();
  await expect(shell.connection).toHaveText('Live');
  await expect(shell.activeAlerts('Critical', 0)).toBeVisible();
  const loads: string[] = [];
  page.on('framenavigated', (frame) => loads.push(frame.url()));

  expect(await demo('fault', incident.machine, incident.fault)).toContain('started on PUMP-101');
  await expect(shell.activeAlerts('Critical', /[1-9]\d*/)).toBeVisible(slow);
  await expect(fleet.rows.first()).toContainText(incident.machine);
  await expect(fleet.row(incident.machine)).toContainText('Critical');
  await expect(fleet.activeAlerts(incident.machine)).not.toHaveText('0');
  await expect(fleet.health(incident.machine)).not.toHaveAttribute('aria-valuetext', /in the normal zone$/);
  expect(loads, 'pages loaded while waiting').toEqual([]);
  expect(await colouredPixels(page), 'alarm colour on the screen').toBeGreaterThan(50);
});

test('an alert is on the screen soon after its reading', async ({ page, alerts }, info) => {
  test.setTimeout(180_000);
  await alerts.open();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Alerts');
  await demo('fault', 'CONVEYOR-402', 'bearing_wear');
  const row = alerts.row('Outfeed conveyor').first();
  await row.waitFor(slow);
  const seenAt = Date.now();
  const milliseconds = seenAt - Date.parse((await row.locator('time').getAttribute('datetime')) ?? '');
  expect(milliseconds).toBeGreaterThan(0);
  info.annotations.push({ type: 'reading to screen', description: `${milliseconds} ms` });
  console.log(`From the reading at the machine to the alert on the screen: ${milliseconds} ms`);
});
