import { expect, test } from '../support/fixtures';
import { southgate } from '../support/stack';

test.use({ signedInAs: { role: 'admin', domain: southgate } });

test('the other plant sees its own machine, and nothing of the incident', async ({
  page,
  shell,
  fleet,
  alerts,
  brokenPump,
}) => {
  expect(brokenPump.severity).toBe('CRITICAL');
  await fleet.open();
  await expect(fleet.rows).toHaveCount(1);
  await expect(fleet.row('PUMP-101')).toContainText('Process water pump');
  await expect(shell.activeAlerts('Critical', 0)).toBeVisible();
  await expect(shell.unacknowledged(0)).toBeVisible();
  await alerts.open();
  await expect(page.getByRole('region', { name: 'No alerts' })).toBeVisible();
});

test('a link to a machine of another plant leads nowhere', async ({ page, machine, brokenPump }) => {
  await machine.open(brokenPump.machine.id);
  await expect(page.getByRole('region', { name: 'There is no such machine' })).toBeVisible();
  await expect(page.getByText('Cooling water pump')).toHaveCount(0);
});

test('work orders and audit trail are its own, and its chain is intact', async ({
  page,
  workOrders,
  audit,
}) => {
  await workOrders.open();
  await expect(page.getByRole('region', { name: 'No work orders yet' })).toBeVisible();
  await audit.open();
  await expect(audit.records).not.toHaveCount(0);
  await expect(audit.records.filter({ hasText: /Northfield|Alert|Work order/ })).toHaveCount(0);
  await audit.verifyButton.click();
  await expect(audit.verification).toContainText('The audit trail is intact.');
});
