import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

test.describe.configure({ mode: 'serial' });

const reason = 'The bearing is being changed';

test('a machine out of service says so everywhere, and so do its alerts', async ({
  page,
  machine,
  fleet,
  brokenPump,
}) => {
  await machine.open(brokenPump.machine.id);
  await page.getByRole('button', { name: 'Take out of service' }).click();
  const dialog = page.getByRole('dialog', { name: 'Take out of service' });
  await dialog.getByRole('button', { name: 'Take out of service' }).click();
  await expect(dialog.getByLabel('Reason')).toHaveAccessibleDescription(/Say why/);
  await dialog.getByLabel('Reason').fill(reason);
  await dialog.getByLabel('How long').selectOption({ label: 'For 4 hours' });
  await dialog.getByRole('button', { name: 'Take out of service' }).click();
  const notice = page.getByRole('list', { name: 'Out of service' });
  await expect(notice).toContainText(reason);
  await expect(notice).toContainText('By Northfield Works admin');
  await expect(notice).toContainText(/Since .*Until/);

  await fleet.open();
  await expect(fleet.row(incident.machine)).toContainText('Out of service');

  await page.goto('/alerts/aside');
  const listed = page.getByRole('list', { name: 'Out of service' }).getByRole('listitem');
  await expect(listed.filter({ hasText: incident.machineName })).toContainText(reason);
  const alert = page
    .getByRole('list', { name: 'Alerts' })
    .getByRole('listitem')
    .filter({ hasText: incident.metricWords });
  await expect(alert.first()).toContainText(/Out of service until .*: The bearing is being changed/);

  await page.getByRole('link', { name: 'Open in the audit trail' }).click();
  await expect(page.getByRole('row').filter({ hasText: 'Taken out of service' }).first()).toContainText(reason);
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('sees that it is out of service and is offered nothing', async ({ page, machine, brokenPump }) => {
    await machine.open(brokenPump.machine.id);
    await expect(page.getByRole('list', { name: 'Out of service' })).toContainText(reason);
    await expect(page.getByRole('region', { name: 'Running or stopped' })).toContainText(
      'It always counts as running',
    );
    await expect(page.getByRole('button', { name: /service$|condition$|it runs$/ })).toHaveCount(0);
  });
});

test('it is returned to service from one of its alerts', async ({ page, brokenPump }) => {
  await page.goto(`/alerts/${brokenPump.id}`);
  const head = page.getByRole('region', { name: 'The alert' });
  await head.getByRole('button', { name: 'Return to service' }).click();
  const dialog = page.getByRole('dialog', { name: 'Return to service' });
  await dialog.getByRole('button', { name: 'Return to service' }).click();
  await expect(head.getByRole('button', { name: 'Take out of service' })).toBeVisible();
  await expect(head).not.toContainText(reason);
});

test('alerts of a stopped machine are suppressed by design', async ({ page, machine, brokenPump }) => {
  await machine.open(brokenPump.machine.id);
  const panel = page.getByRole('region', { name: 'Running or stopped' });
  await panel.getByRole('button', { name: 'Say when it runs' }).click();
  const dialog = page.getByRole('dialog', { name: 'When does this machine run?' });
  await dialog.getByLabel('Metric').selectOption({ label: 'Motor current' });
  await dialog.getByLabel('Value, in A').fill('100000');
  await expect(dialog).toContainText(/The newest value is [\d.,]+ A\. With it the machine is stopped\./);
  await dialog.getByRole('button', { name: 'Save condition' }).click();
  await expect(panel).toContainText('Stopped');
  await expect(panel).toContainText('Motor current is above 100,000.00 A');

  await page.goto(`/alerts/${brokenPump.id}`);
  const head = page.getByRole('region', { name: 'The alert' });
  await expect(head).toContainText('Suppressed by design: the machine is stopped');

  await machine.open(brokenPump.machine.id);
  await panel.getByRole('button', { name: 'Remove condition' }).click();
  const removal = page.getByRole('dialog', { name: 'Remove the running condition' });
  await removal.getByRole('button', { name: 'Remove condition' }).click();
  await expect(panel).toContainText('It always counts as running');
  await page.goto(`/alerts/${brokenPump.id}`);
  await expect(head).toContainText('Critical');
  await expect(head).not.toContainText('Suppressed by design');
});

test('a change of alert settings that somebody else made meanwhile is not written over', async ({
  page,
  apiOf,
}) => {
  await page.goto('/settings');
  const panel = page.getByRole('region', { name: 'Alerts' });
  const starts = panel.getByLabel('Shifts start at');
  await starts.fill('six');
  await expect(starts).toHaveAccessibleDescription(/A shift starts at a time of day such as 06:00/);
  await expect(panel.getByRole('button', { name: 'Save alert settings' })).toBeDisabled();
  await starts.fill('05:00 13:00 21:00');
  const api = await apiOf('admin');
  await api.ask('mutation { alertSettingsUpdate(input: { shiftStarts: ["07:00", "19:00"] }) { __typename } }');
  await panel.getByRole('button', { name: 'Save alert settings' }).click();
  await expect(panel.getByRole('alert')).toContainText('Somebody has changed these settings meanwhile');
  await panel.getByRole('button', { name: 'Show the newest' }).click();
  await expect(starts).toHaveValue('07:00, 19:00');
  await starts.fill('06:00 14:00 22:00');
  await panel.getByRole('button', { name: 'Save alert settings' }).click();
  await expect(panel.getByRole('status')).toContainText('Saved');
});
