import { SignInPage } from '../pages/sign-in';
import { Api } from '../support/api';
import { expect, startSession, test } from '../support/fixtures';
import { person } from '../support/stack';

test.use({ signedInAs: null });

test('a wrong password is refused in words that do not say which part was wrong', async ({ page }) => {
  const signIn = new SignInPage(page);
  await signIn.open();
  await signIn.signIn({ ...person('operator'), password: 'not the password' });
  await expect(signIn.refusal).toHaveText('The email or the password is wrong. Check both and try again.');
  await expect(page).toHaveURL(/\/sign-in/);
});

test('signs in to the page that was asked for, and out again', async ({ page, shell }) => {
  const signIn = new SignInPage(page);
  await page.goto('/alerts?state=CLEARED');
  await signIn.signIn(person('operator'));
  await expect(page).toHaveURL('/alerts?state=CLEARED');
  await shell.openUserMenu();
  await expect(page.getByRole('menu')).toContainText('Northfield Works operator · Operator');
  await page.keyboard.press('Escape');
  await shell.signOut();
  await expect(signIn.form).toBeVisible();
  await page.goto('/fleet');
  await expect(signIn.form).toBeVisible();
});

test('never follows a link to another site after signing in', async ({ page, fleet }) => {
  const signIn = new SignInPage(page);
  await page.goto('/sign-in?to=%2F%2Fevil.example%2F');
  await signIn.signIn(person('operator'));
  await expect(page).toHaveURL('/fleet');
  await expect(fleet.rows).not.toHaveCount(0);
});

test('a session that ended on the server leads to the sign-in and back to the same page', async ({
  page,
  shell,
}) => {
  const api = await Api.signIn(person('operator'));
  await startSession(page, api.session);
  await page.goto('/work-orders?status=OPEN');
  await expect(shell.connection).toHaveText('Live');
  await api.signOut();
  await page.getByRole('link', { name: 'Audit trail' }).click();
  const signIn = new SignInPage(page);
  await expect(signIn.form).toBeVisible();
  await signIn.signIn(person('operator'));
  await expect(page).toHaveURL('/audit');
});

test('a session that expired while the tab was closed leads to the sign-in and back', async ({ page }) => {
  const { accessToken } = (await Api.signIn(person('operator'))).session;
  await startSession(page, { accessToken, expiresAt: '2026-01-01T00:00:00+00:00' });
  await page.goto('/work-orders?status=OPEN');
  const signIn = new SignInPage(page);
  await expect(signIn.form).toBeVisible();
  await signIn.signIn(person('operator'));
  await expect(page).toHaveURL('/work-orders?status=OPEN');
});
