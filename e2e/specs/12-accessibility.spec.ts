import { SignInPage } from '../pages/sign-in';
import { expectNoGraveViolation } from '../support/accessibility';
import { expect, test } from '../support/fixtures';

const schemes = [
  { colorScheme: 'light', rules: undefined },
  // The other scheme has other colours and nothing else.
  { colorScheme: 'dark', rules: ['color-contrast'] },
] as const;

for (const { colorScheme, rules } of schemes) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test('no page has a serious accessibility fault', async ({ page, brokenPump }) => {
      test.slow();
      const machinePath = `/machines/${brokenPump.machine.id}`;
      const fixed = ['/alerts', '/sources', '/connect', '/work-orders', '/audit', '/settings', '/storage'];
      const told = ['', '/routes', '/words', '/deliveries'].map((place) => `/notifications${place}`);
      for (const path of ['/fleet', machinePath, ...fixed, ...told]) {
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expectNoGraveViolation(page, rules);
      }
    });

    test('no dialog has one', async ({ page, alerts, workOrders, brokenPump }) => {
      await alerts.open(`?machine=${brokenPump.machine.id}`);
      await expect(alerts.rows).not.toHaveCount(0);
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
      await expectNoGraveViolation(page, rules);
      await workOrders.open();
      await workOrders.createButton.click();
      await expect(workOrders.dialog).toBeVisible();
      await expectNoGraveViolation(page, rules);
    });

    test.describe('nobody', () => {
      test.use({ signedInAs: null });

      test('nor has the sign-in, with a refusal too', async ({ page }) => {
        const signIn = new SignInPage(page);
        await signIn.open();
        await expectNoGraveViolation(page, rules);
        await signIn.signIn({ email: 'nobody@northfield.example', password: 'wrong' });
        await expect(signIn.refusal).toBeVisible();
        await expectNoGraveViolation(page, rules);
      });
    });
  });
}
