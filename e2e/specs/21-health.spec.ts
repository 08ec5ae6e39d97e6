import { expectNoGraveViolation } from '../support/accessibility';
import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';
import { southgate } from '../support/stack';

test('the fleet page rolls the score up per site and leads to the lowest', async ({
  page,
  fleet,
  brokenPump,
  apiOf,
}) => {
  await fleet.open();
  const all = fleet.sites.getByRole('row', { name: /^All sites/ });
  await expect(all).toContainText(/\d+ critical/);
  await expect(all.getByRole('meter', { name: 'Health score' })).toBeVisible();
  await expect(fleet.sites.getByRole('rowheader')).not.toHaveCount(1);
  const api = await apiOf('viewer');
  await expect(async () => {
    const { machine } = await api.ask<{ machine: { healthScore: number } }>(
      `{ machine(id: "${brokenPump.machine.id}") { healthScore } }`,
    );
    expect(Number(await all.locator('strong').innerText())).toBeLessThanOrEqual(machine.healthScore);
  }).toPass();
  await all.getByRole('link').click();
  await expect(page).toHaveURL(/\/machines\/[0-9a-f-]{36}/);
});

test.describe('a plant of one site', () => {
  test.use({ signedInAs: { role: 'viewer', domain: southgate } });

  test('sees its own machine, and needs no sum', async ({ fleet }) => {
    await fleet.open();
    await expect(fleet.sites.getByRole('rowheader')).toHaveCount(1);
    await expect(fleet.rows).toHaveCount(1);
    await expect(fleet.sites.getByRole('link')).toHaveText(
      await fleet.rows.getByRole('link').allInnerTexts(),
    );
    await expect(fleet.sites).not.toContainText(incident.machineName);
  });
});

test.describe('the health of a machine', () => {
  test.beforeEach(async ({ machine, brokenPump }) => {
    await machine.open(brokenPump.machine.id);
    await expect(machine.title(incident.machineName)).toBeVisible();
  });

  test('each deduction leads to the alerts that it counts', async ({ machine, page }) => {
    const alerts = machine.deductions.getByRole('group').first();
    await alerts.getByText(/^\d+ alerts?$/).click();
    const link = alerts
      .getByRole('link')
      .filter({ hasText: /standard deviations/ })
      .first();
    await link.click();
    await expect(page).toHaveURL(/from=\d+.*to=\d+/);
    await machine.healthPanel.getByText('Compute it again by hand').click();
    await expect(machine.healthPanel.getByText(/recompute_health\.py/)).toBeVisible();
  });

  test('the score is drawn over time, with what changed it', async ({ machine, page, brokenPump, apiOf }) => {
    const chart = machine.healthHistory.getByRole('img', { name: /^Health score from / });
    await expect(chart).toHaveAccessibleName(/highest 100, last \d+$/);
    await machine.healthHistory.getByRole('button', { name: '24 h' }).click();
    const changes = machine.healthHistory.getByRole('list', { name: /^Changes of the score/ });
    await machine.healthHistory.getByRole('button', { name: /^Show the newest/ }).click();
    await expect(changes.getByText(/alert, past 7 days: \d+ → \d+ \([+−]\d+\)/)).not.toHaveCount(0);
    const ask = `{ machine(id: "${brokenPump.machine.id}") { healthScore } }`;
    const api = await apiOf('viewer');
    // The score may change at any moment, and the page follows.
    await expect(async () => {
      const { machine: stored } = await api.ask<{ machine: { healthScore: number } }>(ask);
      const newest = changes.locator('strong').first();
      await expect(newest).toHaveText(new RegExp(`^\\d+ → ${stored.healthScore} \\([+−]\\d+\\)$`), {
        timeout: 2_000,
      });
    }).toPass();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expectNoGraveViolation(page);
    }
  });
});
