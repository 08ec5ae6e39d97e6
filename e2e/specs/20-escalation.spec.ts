import { EscalationPage } from '../pages/escalation';
import { expect, test } from '../support/fixtures';

const rotation = 'Browser nights';
const policy = 'Browser chain';
const people = ['Northfield Works admin', 'Northfield Works operator'];

test('an administrator makes a rotation and a chain that tells it, and takes both away', async ({
  page,
  audit,
  shell,
}) => {
  const escalation = new EscalationPage(page);
  await escalation.openOnCall();
  await expect(shell.navigation.getByRole('link', { name: 'Escalation' })).toBeVisible();
  await escalation.addRotation(rotation, people);
  const card = escalation.card(rotation);
  await expect(card.getByText(/On call now: Northfield Works (admin|operator)/)).toBeVisible();
  // Turns of a day: 14 or 15 shifts in two weeks, depending on when the day begins here.
  await expect.poll(() => escalation.calendar(rotation).getByRole('listitem').count()).toBeGreaterThan(13);

  await card.getByRole('button', { name: `Put somebody on call in ${rotation}` }).click();
  await escalation.dialog.getByLabel('Who').selectOption('Northfield Works viewer');
  await escalation.dialog.getByRole('button', { name: 'Put on call' }).click();
  await expect(card.getByText(/Northfield Works viewer instead/)).toBeVisible();
  await expect(card.getByText('On call now: Northfield Works viewer')).toBeVisible();

  await escalation.openPolicies();
  await escalation.addPolicy(policy, `${rotation} (on call)`);
  const chain = escalation.card(policy);
  await expect(chain.getByText('For critical alerts')).toBeVisible();
  await expect(chain.getByText(`${rotation} (on call)`)).toBeVisible();
  await expect(chain.getByText(/again once, 15 min after the last step/)).toBeVisible();

  await escalation.openOnCall();
  await escalation.remove(rotation);
  await expect(escalation.dialog.getByRole('alert')).toContainText(`escalation policy "${policy}"`);
  await escalation.dialog.getByRole('button', { name: 'Keep it' }).click();

  await escalation.openPolicies();
  await escalation.remove(policy);
  await expect(chain).toHaveCount(0);
  await escalation.openOnCall();
  await escalation.remove(rotation);
  await expect(card).toHaveCount(0);
  await audit.open();
  await expect(audit.records.filter({ hasText: 'On-call rotation deleted' }).first()).toContainText(
    'Northfield Works admin',
  );
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('sets quiet hours for themself, and is offered nothing that would be refused', async ({ page }) => {
    const escalation = new EscalationPage(page);
    await escalation.openPolicies();
    await expect(page.getByRole('heading', { name: 'Escalation' })).toBeVisible();
    await expect(page.getByRole('button', { name: /New policy|Edit|Delete/ })).toHaveCount(0);
    await escalation.openQuietHours();
    const own = escalation.card('My quiet hours');
    await own.getByRole('button', { name: 'Set: My quiet hours' }).click();
    await escalation.dialog.getByRole('checkbox', { name: 'Warning' }).uncheck();
    await escalation.dialog.getByLabel('What waited is told').selectOption('DAILY');
    await escalation.dialog.getByRole('button', { name: 'Save' }).click();
    await expect(own).toContainText('Info waits every day 22:00–06:00');
    await expect(own).toContainText('told every day at 07:00');
    await expect(escalation.card('Quiet hours of the plant').getByRole('button')).toHaveCount(0);
    await own.getByRole('button', { name: 'Drop: My quiet hours' }).click();
    await escalation.dialog.getByRole('button', { name: 'Drop them' }).click();
    await expect(own).toContainText('None set.');
  });
});
