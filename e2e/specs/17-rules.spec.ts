import { expect, test } from '../support/fixtures';

test('makes a rule in words and numbers, tries it on stored readings, and switches it off', async ({
  page,
}) => {
  test.slow();
  const name = `Bearing ${Date.now()}`;
  await page.goto('/rules');
  await page.getByRole('link', { name: 'New rule' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('Watched machine').selectOption('Cooling water pump 1');

  const first = page.getByRole('region', { name: 'Condition 1', exact: true });
  await first.getByLabel('Metric').selectOption({ label: 'vibration_rms (mm/s)' });
  await first.getByLabel('Threshold').fill('high');
  await expect(first.getByText('Write a number, such as 7.5.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try the rule' })).toBeDisabled();
  await first.getByLabel('Threshold').fill('0.01');
  await first.getByLabel('Clears at').fill('3');
  await expect(first.getByText('The value to clear at must be below the threshold')).toBeVisible();
  await first.getByLabel('Clears at').fill('');

  await page.getByRole('button', { name: 'Add condition', exact: true }).click();
  const second = page.getByRole('region', { name: 'Condition 2', exact: true });
  await second.getByLabel('Metric').selectOption({ label: 'bearing_temperature (celsius)' });
  await second.getByLabel('Threshold').fill('1');
  await page.getByLabel('For at least').first().fill('10 s');
  await expect(page.getByRole('region', { name: 'In plain words' })).toContainText(
    'Critical when vibration_rms > 0.01 and bearing_temperature > 1 for 10 s',
  );

  await page.getByRole('button', { name: 'Try the rule' }).click();
  await expect(page.getByRole('img', { name: /the rule would have fired 1 time/ })).toBeVisible();
  const rows = page.getByRole('table', { name: 'When the rule would have fired' }).getByRole('row');
  await expect(rows.nth(1)).toContainText('still holds');
  await expect(rows.nth(1)).toContainText('vibration_rms');

  await page.getByRole('button', { name: 'Make the rule' }).click();
  const row = page
    .getByRole('table', { name: 'Rules, by name' })
    .getByRole('row', { name: new RegExp(name) });
  await expect(row).toContainText('Holds on 1', { timeout: 60_000 });
  await row.getByRole('button', { name: `Switch ${name} off` }).click();
  await expect(row).toContainText('Off');

  await row.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: 'Delete the rule' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rules' })).toBeVisible();
  await expect(page.getByRole('link', { name })).toHaveCount(0);
});
