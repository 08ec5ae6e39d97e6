import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

const title = 'Replace the drive-end bearing';

test('is created from an alert, and the alert then leads to it', async ({
  page,
  alerts,
  workOrders,
  brokenPump,
}) => {
  await alerts.open(`?machine=${brokenPump.machine.id}`);
  const row = alerts.row(incident.metricWords, 'Off baseline');
  await row.getByRole('button', { name: 'Create work order' }).click();
  await workOrders.create(title, 'High');
  await expect(workOrders.dialog).toBeHidden();
  await row.getByRole('link', { name: /^Work order \d+$/ }).click();
  await expect(workOrders.panel).toContainText(title);
  await expect(workOrders.panel).toContainText('Priority high');
  await expect(workOrders.panel.getByRole('link', { name: incident.machineName })).toBeVisible();
  await expect(page).toHaveURL(/\/work-orders\?order=/);
});

test('moves through its states, and ends', async ({ page, workOrders, brokenPump }) => {
  expect(brokenPump.severity).toBe('CRITICAL');
  await workOrders.open();
  await workOrders.row(title).getByRole('link', { name: title }).click();
  await workOrders.panel.getByLabel('Assigned to').selectOption('Northfield Works operator');
  await expect(workOrders.row(title)).toContainText('Northfield Works operator');
  await workOrders.step('Start work').click();
  await expect(workOrders.row(title)).toContainText('In progress');
  await workOrders.step('Complete').click();
  await expect(workOrders.row(title)).toContainText('Completed');
  await expect(workOrders.step('Cancel work order')).toHaveCount(0);
  await page.getByRole('group', { name: 'Status' }).getByRole('button', { name: 'Open' }).click();
  await expect(workOrders.row(title)).toHaveCount(0);
});

test('a change over somebody else’s is refused with the newest state', async ({ workOrders, apiOf }) => {
  const order = 'Check the coupling';
  await workOrders.open();
  await workOrders.createButton.click();
  await workOrders.dialog.getByLabel('Machine').selectOption('Infeed conveyor');
  await workOrders.create(order, 'Low');
  await workOrders.row(order).getByRole('link', { name: order }).click();
  await expect(workOrders.step('Start work')).toBeVisible();
  const api = await apiOf('operator');
  const { workOrders: list } = await api.ask<{
    workOrders: { nodes: { id: string; title: string; version: number }[] };
  }>('{ workOrders(first: 100) { nodes { id title version } } }');
  const found = list.nodes.find((candidate) => candidate.title === order);
  await api.ask(
    'mutation ($input: WorkOrderUpdateInput!) { workOrderUpdate(input: $input) { __typename } }',
    {
      input: { id: found?.id, expectedVersion: found?.version, status: 'IN_PROGRESS' },
    },
  );
  await workOrders.step('Cancel work order').click();
  await expect(workOrders.panel.getByRole('alert')).toContainText('It now shows the newest state');
  await expect(workOrders.step('Complete')).toBeVisible();
  await expect(workOrders.row(order)).toContainText('In progress');
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('reads work orders and cannot create or change them', async ({ workOrders }) => {
    await workOrders.open();
    await workOrders.row(title).getByRole('link', { name: title }).click();
    await expect(workOrders.panel).toContainText('Your role can read work orders, not change them.');
    await expect(workOrders.panel.getByLabel('Assigned to')).toBeDisabled();
    await expect(workOrders.createButton).toHaveCount(0);
  });
});
