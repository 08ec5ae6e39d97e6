import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { SignInPage } from '../pages/sign-in';
import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

const grave = ['serious', 'critical'];

async function expectNoGraveViolation(page: Page): Promise<void> {
  await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations
    .filter(({ impact }) => grave.includes(impact ?? ''))
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ target, any }) => `${target.join(' ')} ${any.map(({ message }) => message).join(' ')}`).join(', ')}`,
    );
  expect(found).toEqual([]);
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    for (const path of ['/fleet', '/alerts', '/work-orders', '/audit', '/settings']) {
      test(`${path} has no serious accessibility fault`, async ({ page, brokenPump }) => {
        expect(brokenPump.severity).toBe('CRITICAL');
        await page.goto(path);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expectNoGraveViolation(page);
      });
    }

    test('the machine page has none', async ({ page, machine, brokenPump }) => {
      await machine.open(brokenPump.machine.id);
      await expect(machine.title(incident.machineName)).toBeVisible();
      await expectNoGraveViolation(page);
    });

    test('the dialogs have none', async ({ page, alerts, workOrders, brokenPump }) => {
      await alerts.open(`?machine=${brokenPump.machine.id}`);
      await expect(alerts.rows).not.toHaveCount(0);
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
      await expectNoGraveViolation(page);
      await workOrders.open();
      await workOrders.createButton.click();
      await expect(workOrders.dialog).toBeVisible();
      await expectNoGraveViolation(page);
    });

    test.describe('nobody', () => {
      test.use({ signedInAs: null });

      test('the sign-in has none, with a refusal too', async ({ page }) => {
        const signIn = new SignInPage(page);
        await signIn.open();
        await expectNoGraveViolation(page);
        await signIn.signIn({ email: 'nobody@northfield.example', password: 'wrong' });
        await expect(signIn.refusal).toBeVisible();
        await expectNoGraveViolation(page);
      });
    });
  });
}
