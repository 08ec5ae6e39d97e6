import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

const folder = process.env.PLANTWRIGHT_SCREENS ?? join(import.meta.dirname, '..', 'test-results', 'screens');
const sizes = { wide: { width: 1440, height: 900 }, tablet: { width: 820, height: 1180 } } as const;

async function take(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  // The page is complete when its first requests have been answered.
  await page.waitForLoadState('networkidle');
  await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
}

for (const [size, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test.describe(`${size} ${colorScheme}`, () => {
      test.use({ viewport, colorScheme });

      test('every screen', async ({ page, machine, audit, brokenPump, shell }) => {
        const named = (name: string): string => `${name}-${size}-${colorScheme}`;
        for (const name of ['fleet', 'alerts', 'work-orders', 'agents', 'settings', 'storage']) {
          await page.goto(`/${name}`);
          await expect(shell.connection).toHaveText('Live');
          await take(page, named(name));
        }
        await machine.open(brokenPump.machine.id, '?metric=vibration_rms');
        await expect
          .poll(() => machine.pixelsOf(incident.metricWords, '--pw-alarm-critical'))
          .toBeGreaterThan(20);
        await take(page, named('machine'));
        await audit.open();
        await audit.verifyButton.click();
        await expect(audit.verification).toContainText('The audit trail is intact.');
        await take(page, named('audit'));
      });

      test.describe('nobody', () => {
        test.use({ signedInAs: null });

        test('sign-in', async ({ page }) => {
          await page.goto('/sign-in');
          await take(page, `sign-in-${size}-${colorScheme}`);
        });
      });
    });
  }
}
