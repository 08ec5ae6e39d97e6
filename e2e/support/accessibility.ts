import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

const grave = ['serious', 'critical'];

/** Looks for accessibility faults that keep somebody from using the page; all rules unless some are named. */
export async function expectNoGraveViolation(page: Page, rules?: readonly string[]): Promise<void> {
  await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
  const axe = new AxeBuilder({ page });
  const { violations } = await (rules ? axe.withRules([...rules]) : axe).analyze();
  const found = violations
    .filter(({ impact }) => grave.includes(impact ?? ''))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
  expect(found, `serious accessibility faults of ${new URL(page.url()).pathname}`).toEqual([]);
}
