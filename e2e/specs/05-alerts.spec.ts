import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

const words = [incident.machineName, incident.metricWords, 'Off baseline'];

test.beforeEach(async ({ alerts, brokenPump }) => {
  await alerts.open();
  await expect(alerts.row(...words), `the alert ${brokenPump.id}`).toBeVisible();
});

test('alerts are filtered, and the address keeps the filter', async ({ page, alerts }) => {
  await alerts.toggle('Cause', 'Off baseline').click();
  await expect(page).toHaveURL(/cause=STATIC_BASELINE/);
  await expect(alerts.row('Slow drift (EWMA)')).toHaveCount(0);
  await expect(alerts.row(...words)).toBeVisible();
  await alerts.toggle('State', 'Cleared').click();
  await expect(page.getByRole('region', { name: 'No alert matches' })).toBeVisible();
});

test('an alert carries the numbers that its score was computed from', async ({ alerts }) => {
  const row = alerts.row(...words);
  await row.getByRole('button', { name: 'Evidence' }).click();
  await expect(row.getByRole('region', { name: 'Evidence' })).toContainText(
    /score [\d.,]+ against a threshold of/,
  );
  await expect(row.getByRole('region', { name: 'Evidence' })).toContainText('mean');
});

test('is acknowledged with a note in the name of the person', async ({ alerts }) => {
  const row = alerts.row(...words);
  await expect(row).toContainText('Critical');
  await row.getByRole('button', { name: 'Acknowledge' }).click();
  await alerts.sendAcknowledgement('Heard it on the round, parts are ordered');
  await expect(alerts.dialog).toBeHidden();
  await expect(row).toContainText('Active, acknowledged');
  await expect(row).toContainText(
    'Acknowledged by Northfield Works admin: “Heard it on the round, parts are ordered”',
  );
  await expect(row.getByRole('button', { name: 'Acknowledge' })).toHaveCount(0);
});

test('its moment opens on the trend, and the address carries it', async ({
  page,
  alerts,
  machine,
  brokenPump,
}) => {
  await alerts
    .row(...words)
    .getByRole('link', { name: 'Show moment' })
    .click();
  await expect(page).toHaveURL(/\/machines\/.*from=\d+.*to=\d+.*metric=vibration_rms/);
  const raised = Date.parse(brokenPump.raisedAt);
  const query = new URL(page.url()).searchParams;
  expect(Number(query.get('from'))).toBeLessThan(raised);
  expect(Number(query.get('to'))).toBeGreaterThan(raised);
  await expect(machine.trendList.first()).toHaveAccessibleName(`Trend of ${incident.metricWords}`);
  await expect.poll(() => machine.pixelsOf(incident.metricWords, '--pw-alarm-critical')).toBeGreaterThan(20);
});

test('is acknowledged by keyboard alone', async ({ page, alerts }) => {
  await page.keyboard.press('j');
  const selected = alerts.list.locator('[aria-current="true"]');
  await expect(selected).toContainText('Active, unacknowledged');
  await page.keyboard.press('a');
  await expect(alerts.dialog).toBeVisible();
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await expect(alerts.dialog).toBeHidden();
  await expect(alerts.row('“By keyboard”')).toContainText('Active, acknowledged');
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('sees the alert but no way to create a work order', async ({ alerts }) => {
    await expect(alerts.row(...words).getByRole('link', { name: 'Show moment' })).toBeVisible();
    await expect(alerts.list.getByRole('button', { name: 'Create work order' })).toHaveCount(0);
  });
});
