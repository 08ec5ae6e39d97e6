import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

test.describe.configure({ mode: 'serial' });

test('one alert shows why, the moment, the neighbours and the last time', async ({
  page,
  alerts,
  brokenPump,
}) => {
  await alerts.open();
  const row = alerts.row(incident.machineName, incident.metricWords, 'Off baseline');
  await row.getByRole('link', { name: 'Details' }).click();
  await expect(page).toHaveURL(new RegExp(`/alerts/${brokenPump.id}$`));
  await expect(page.getByRole('region', { name: 'The alert' })).toContainText('Critical');
  await expect(page.getByRole('region', { name: 'Why' }).getByRole('img')).toBeVisible();
  await expect(page.getByRole('region', { name: 'The moment' }).getByRole('img')).toBeVisible();
  for (const name of ['What was done last time', 'Beside it', 'Story']) {
    await expect(page.getByRole('region', { name })).toBeVisible();
  }
  await expect(page.getByRole('region', { name: 'Story' })).toContainText('Raised as');
});

test('a critical alert is asked to be shelved by keyboard, and who asked cannot approve', async ({
  page,
  brokenPump,
}) => {
  await page.goto(`/alerts/${brokenPump.id}`);
  const head = page.getByRole('region', { name: 'The alert' });
  await expect(head).toBeVisible();
  await page.keyboard.press('c');
  const comment = page.getByRole('dialog', { name: 'Comment on alert' });
  await comment.getByLabel('Comment').fill('The bearing was changed in May');
  await comment.getByRole('button', { name: 'Add comment' }).click();
  await expect(page.getByRole('region', { name: 'Story' })).toContainText('The bearing was changed in May');

  await page.keyboard.press('s');
  const shelve = page.getByRole('dialog', { name: 'Shelve alert' });
  await expect(shelve).toContainText('once a second person approves');
  await shelve.getByRole('button', { name: 'Ask to shelve' }).click();
  await shelve.getByLabel('Reason').fill('Parts come at noon');
  await shelve.getByRole('button', { name: 'Ask to shelve' }).click();
  await expect(head).toContainText('Asked to be shelved by Northfield Works admin: Parts come at noon');
  await expect(head.getByRole('button', { name: 'Approve shelving' })).toHaveCount(0);
});

test.describe('a second person', () => {
  test.use({ signedInAs: { role: 'operator' } });

  test('approves, finds it in the list of what is put aside, and takes it off', async ({
    page,
    brokenPump,
  }) => {
    await page.goto(`/alerts/${brokenPump.id}`);
    const head = page.getByRole('region', { name: 'The alert' });
    await head.getByRole('button', { name: 'Approve shelving' }).click();
    await expect(head).toContainText('Shelved until');

    await page.getByRole('navigation', { name: 'Alerts' }).getByRole('link', { name: 'Put aside' }).click();
    const row = page
      .getByRole('list', { name: 'Alerts' })
      .getByRole('listitem')
      .filter({ hasText: 'Parts come at noon' });
    await row.getByRole('link', { name: 'Details' }).click();
    await head.getByRole('button', { name: 'Take off the shelf' }).click();
    await expect(head).not.toContainText('Shelved until');
    await expect(page.getByRole('region', { name: 'Story' })).toContainText('Off the shelf.');
  });
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('comments, and is offered nothing that would be refused', async ({ page, brokenPump }) => {
    await page.goto(`/alerts/${brokenPump.id}`);
    const head = page.getByRole('region', { name: 'The alert' });
    await expect(head.getByRole('button', { name: 'Comment' })).toBeVisible();
    await expect(head.getByRole('button', { name: 'Shelve' })).toHaveCount(0);
    await expect(head.getByLabel('Given to')).toHaveCount(0);
  });
});

test('alarm performance has every figure beside its target', async ({ page, brokenPump }) => {
  await page.goto('/alerts/performance');
  const table = page.getByRole('table').first();
  await expect(table.getByRole('row').filter({ hasText: 'Alerts per day' }), brokenPump.id).toContainText(
    /≤ \d+/,
  );
  await expect(table.getByRole('row').filter({ hasText: 'Suppressed outside the rules' })).toContainText(
    'Within the target',
  );
  await expect(page.getByRole('region', { name: 'Most frequent' })).toContainText(incident.machineName);
});
