import { expect, test } from '../support/fixtures';

test('an administrator cleans up and sees what is stored; the audit trail names them', async ({
  storage,
  audit,
  shell,
}) => {
  await storage.open();
  await expect(shell.navigation.getByRole('link', { name: 'Storage' })).toBeVisible();
  await storage.cleanUp();
  await expect(storage.progress).toContainText('Last clean-up: asked for by Northfield Works admin');
  await expect(storage.runButton).toBeEnabled();
  const cells = storage.months.getByRole('row').nth(1).getByRole('cell');
  await expect(cells.nth(1)).toHaveText(/^[1-9][\d,]*$/);
  await expect(cells.nth(2)).toHaveText(/^[\d.]+ (kB|MB|GB)$/);
  await audit.open('?area=storage');
  await expect(audit.records.first()).toContainText('Northfield Works admin');
  await expect(audit.records.first()).toContainText(/readings and .* rows of summaries deleted/);
});

test('nothing happens without the confirmation', async ({ storage }) => {
  await storage.open();
  await storage.runButton.click();
  await storage.dialog.getByRole('button', { name: 'Keep everything' }).click();
  await expect(storage.dialog).toHaveCount(0);
  await expect(storage.runButton).toBeEnabled();
});

test.describe('an operator', () => {
  test.use({ signedInAs: { role: 'operator' } });

  test('is told who may see this, and is not led here', async ({ page, storage, shell }) => {
    await storage.open();
    await expect(
      page.getByText('Only an administrator can see what is stored and clean it up.'),
    ).toBeVisible();
    await expect(storage.runButton).toHaveCount(0);
    await expect(shell.navigation.getByRole('link', { name: 'Storage' })).toHaveCount(0);
  });
});
