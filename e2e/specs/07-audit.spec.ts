import { expect, test } from '../support/fixtures';

const admin = 'Northfield Works admin';

test('lists what was done and by whom, newest first', async ({ audit }) => {
  await audit.open();
  await expect(audit.records).toHaveCount(50);
  for (const area of ['Alert', 'Work order']) {
    await audit.about(area).click();
  }
  await expect(audit.record('Alert raised', '').first()).toBeVisible();
  await expect(audit.record('Alert acknowledged', admin).first()).toBeVisible();
  await expect(audit.record('Work order created', admin).first()).toBeVisible();
  const numbers = (await audit.records.locator('td:first-child').allInnerTexts()).map(Number);
  expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
});

test('a record shows its payload and its place in the chain', async ({ audit }) => {
  await audit.open('?area=alert');
  const record = audit.record('Alert acknowledged', admin).first();
  await record.getByRole('button', { name: /^Show the payload/ }).click();
  const detail = audit.table.getByRole('row').filter({ hasText: 'previous hash' });
  await expect(detail).toContainText('"note": "By keyboard"');
  await expect(detail).toContainText(/row hash [0-9a-f]{64}/);
});

test('a new record appears without a reload', async ({ audit, page, apiOf }) => {
  await audit.open('?area=work_order');
  await expect(audit.records).not.toHaveCount(0);
  const before = await audit.records.count();
  const api = await apiOf('admin');
  const machineId = await api.machineId('SPINDLE-201');
  await api.ask(
    'mutation ($input: WorkOrderCreateInput!) { workOrderCreate(input: $input) { __typename } }',
    {
      input: { title: 'Clean the chip tray', machineId },
    },
  );
  await expect(audit.records).toHaveCount(before + 1);
  await expect(page.getByText(`${before + 1} of ${before + 1} records`)).toBeVisible();
});

test('Verify walks the chain and finds it intact', async ({ audit }) => {
  await audit.open();
  await audit.verifyButton.click();
  await expect(audit.verification).toContainText('The audit trail is intact.');
  await expect(audit.verification).toContainText(/\d+ records checked at /);
  await expect(audit.verification).toContainText(/Head hash: [0-9a-f]{64}/);
});
