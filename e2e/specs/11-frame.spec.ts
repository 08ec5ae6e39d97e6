import { expect, test } from '../support/fixtures';

test('the theme is chosen in the menu and kept', async ({ page, fleet, shell }) => {
  const background = (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await fleet.open();
  await shell.chooseTheme('Light');
  await expect.poll(background).toBe('rgb(227, 228, 229)');
  await shell.chooseTheme('Dark');
  await expect.poll(background).toBe('rgb(27, 29, 31)');
  await page.reload();
  await expect.poll(background).toBe('rgb(27, 29, 31)');
});

test('an unknown address and an unknown machine say so and lead on', async ({ page, machine, fleet }) => {
  await page.goto('/no-such-page');
  await expect(page.getByRole('region', { name: 'There is no page at this address' })).toBeVisible();
  await page.getByRole('link', { name: 'Open the fleet overview' }).click();
  await expect(fleet.rows).not.toHaveCount(0);
  for (const unknown of ['00000000-0000-0000-0000-000000000000', 'not-an-id']) {
    await machine.open(unknown);
    await expect(page.getByRole('region', { name: 'There is no such machine' })).toBeVisible();
  }
});

test('every page is reached by keyboard', async ({ page, fleet }) => {
  await fleet.open();
  await expect(fleet.rows).not.toHaveCount(0);
  const places = [
    ['a', 'Alerts'],
    ['w', 'Work orders'],
    ['t', 'Audit trail'],
    ['s', 'Settings'],
    ['f', 'Fleet overview'],
  ] as const;
  for (const [key, title] of places) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toContainText(
    'Acknowledge the selected alert',
  );
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('the first tab stop leads to the content', async ({ page, fleet }) => {
  await fleet.open();
  await expect(fleet.rows).not.toHaveCount(0);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('main').locator(':focus')).toHaveCount(1);
});

test.describe('on a tablet', () => {
  test.use({ viewport: { width: 820, height: 1180 }, hasTouch: true });

  test('no page is wider than the screen', async ({ page, brokenPump }) => {
    const paths = [
      '/fleet',
      `/machines/${brokenPump.machine.id}`,
      '/alerts',
      '/work-orders',
      '/audit',
      '/settings',
    ];
    for (const path of paths) {
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('main').getByRole('status', { name: /^Loading/ })).toHaveCount(0);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(excess, `${path} is this many pixels too wide`).toBeLessThanOrEqual(0);
    }
  });
});
