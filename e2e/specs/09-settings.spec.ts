import { expect, test } from '../support/fixtures';
import { stackUrl } from '../support/stack';

async function pushWith(key: string): Promise<number> {
  const response = await fetch(`${stackUrl()}/api/v1/ingest`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': key },
    body: JSON.stringify({ readings: [] }),
  });
  return response.status;
}

test('an API key is shown once, opens the door for readings, and is refused once revoked', async ({
  page,
  settings,
}) => {
  const name = `Agent in hall ${Date.now()}`;
  await settings.open();
  const key = await settings.createKey(name);
  await expect(settings.keyRow(name)).toContainText('Valid');
  await expect(page.getByText(key)).toHaveCount(0);
  expect(await pushWith(key)).not.toBe(401);
  await settings.revokeKey(name);
  await expect(settings.keyRow(name)).toContainText('Revoked');
  await expect.poll(() => pushWith(key), 'a revoked key is refused within a second or two').toBe(401);
});

test('a changed setting is saved and is in the audit trail', async ({ settings, audit, page }) => {
  await settings.open();
  const weight = settings.form.getByLabel('Anomaly weight w');
  const wanted = (await weight.inputValue()) === '0.35' ? '0.3' : '0.35';
  await weight.fill(wanted);
  await settings.form.getByRole('button', { name: 'Save settings' }).click();
  await expect(settings.form.getByRole('status')).toContainText('Saved.');
  await page.reload();
  await expect(weight).toHaveValue(wanted);
  await audit.open('?area=settings');
  await expect(audit.records.first()).toContainText('Northfield Works admin');
});

test('a setting out of range is refused with the reason', async ({ settings }) => {
  await settings.open();
  await settings.form.getByLabel('Anomaly weight w').fill('1.5');
  await settings.form.getByRole('button', { name: 'Save settings' }).click();
  await expect(settings.form.getByRole('alert')).toContainText(/0 and 1|0 to 1/);
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('reads the settings, and sees no keys', async ({ page, settings }) => {
    await settings.open();
    await expect(page.getByText('Only an administrator can change settings and see API keys.')).toBeVisible();
    await expect(settings.form.getByLabel('Anomaly weight w')).toHaveAttribute('readonly', '');
    await expect(settings.form.getByRole('button', { name: 'Save settings' })).toHaveCount(0);
    await expect(settings.keys).toHaveCount(0);
  });
});
