import { expect, test } from '../support/fixtures';
import { type Receiver, signatureOf, startReceiver } from '../support/receiver';

let receiver: Receiver;
test.beforeAll(async () => {
  receiver = await startReceiver();
});
test.afterAll(() => receiver.close());

test('a webhook is made, signed, tested, told of its failure, sent again, routed and deleted', async ({
  page,
}) => {
  test.slow();
  const name = `Shift desk ${Date.now()}`;
  await page.goto('/notifications');
  await page.getByRole('button', { name: 'Add a channel' }).click();
  const form = page.getByRole('dialog', { name: 'New channel' });
  await form.getByLabel('Type').selectOption('webhook');
  await form.getByRole('button', { name: 'Add the channel' }).click();
  await expect(form.getByText('Give the channel a name.')).toBeVisible();
  await form.getByLabel('Name').fill(name);
  await form.getByLabel('URL').fill('https://169.254.169.254/latest');
  await form.getByRole('button', { name: 'Add the channel' }).click();
  await expect(form.getByText(/this server does not send to/)).toBeVisible();
  await form.getByLabel('URL').fill(receiver.url);
  await form.getByRole('button', { name: 'Add the channel' }).click();
  const secret = (await page.getByTestId('signing-secret').textContent()) ?? '';
  expect(secret).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'Done' }).click();

  await page.getByRole('button', { name: `Test ${name}` }).click();
  await expect(page.getByText(`Test of ${name}: delivered`)).toBeVisible();
  const [first] = receiver.received;
  if (!first) {
    throw new Error('The receiver got nothing.');
  }
  expect(first.headers['webhook-signature']).toBe(signatureOf(secret, first));

  receiver.answer(500);
  await page.getByRole('button', { name: `Test ${name}` }).click();
  await expect(page.getByText(`Test of ${name}: not delivered`)).toBeVisible();
  await page.getByRole('link', { name: 'In the delivery log' }).click();
  const message = page.getByRole('dialog', { name: 'Message' });
  await expect(message).toContainText('Failed: 500');
  await message.getByText('What the receiver said').click();
  await expect(message).toContainText('Said by the receiver.');
  receiver.answer(200);
  await message.getByRole('button', { name: 'Send again' }).click();
  await expect(message).toContainText(`Delivered, by ${name}`, { timeout: 30_000 });
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(ids[2]).toBe(ids[1]);
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Routes', exact: true }).click();
  await page.getByRole('button', { name: 'Add a route' }).click();
  const route = page.getByRole('dialog', { name: 'New route' });
  await route.getByLabel('Name').fill(`To ${name}`);
  await route.getByLabel(name).check();
  await route.getByRole('button', { name: 'Add the route' }).click();
  await expect(page.getByRole('row').filter({ hasText: `To ${name}` })).toContainText('Critical, Warning');
  await page.getByRole('button', { name: `Delete To ${name}` }).click();
  await page.getByRole('button', { name: 'Delete the route' }).click();
  await expect(page.getByRole('row').filter({ hasText: `To ${name}` })).toHaveCount(0);

  await page.getByRole('link', { name: 'Channels', exact: true }).click();
  await page.getByRole('button', { name: `Delete ${name}` }).click();
  await page.getByRole('button', { name: 'Delete the channel' }).click();
  await expect(page.getByRole('row').filter({ hasText: name })).toHaveCount(0);
});

test('words are previewed, saved as one’s own, and the built-in ones used again', async ({ page }) => {
  await page.goto('/notifications/words');
  await page.getByLabel('Language').selectOption('FR');
  const built = await page.getByLabel('Subject').inputValue();
  await page.getByLabel('Subject').fill('Attention: {{ nothing_like_it }}');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByText(/nothing_like_it/).last()).toBeVisible();
  await page.getByLabel('Subject').fill('Attention: {{ metric }}');
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('region', { name: 'Preview' })).toContainText('Attention: ');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('These are your own words.')).toBeVisible();
  await page.getByRole('button', { name: 'Use the built-in words again' }).click();
  await expect(page.getByLabel('Subject')).toHaveValue(built);
});

test('a push message is shown by the browser, and permission is not asked for before the button', async ({
  page,
  context,
}) => {
  await page.goto('/settings');
  await expect(page.getByRole('button', { name: 'Show notifications in this browser' })).toBeVisible();
  expect(await page.evaluate(() => Notification.permission)).not.toBe('granted');
  await context.grantPermissions(['notifications']);
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/push-worker.js');
    await navigator.serviceWorker.ready;
  });
  const devtools = await context.newCDPSession(page);
  const registration = new Promise<string>((resolve) => {
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [found] = registrations;
      if (found) {
        resolve(found.registrationId);
      }
    });
  });
  await devtools.send('ServiceWorker.enable');
  const shown = {
    title: 'Critical: P-101',
    body: '93 °C',
    tag: 'alert-1',
    url: '/alerts',
    severity: 'critical',
  };
  await devtools.send('ServiceWorker.deliverPushMessage', {
    origin: new URL(page.url()).origin,
    registrationId: await registration,
    data: JSON.stringify({ ...shown, language: 'en' }),
  });
  const titles = () =>
    page.evaluate(async () => {
      const ready = await navigator.serviceWorker.ready;
      return (await ready.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
    });
  await expect.poll(titles).toEqual([{ title: shown.title, body: shown.body, tag: shown.tag }]);
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('sees notifications and can change none', async ({ page }) => {
    for (const place of ['', '/routes', '/words', '/deliveries']) {
      await page.goto(`/notifications${place}`);
      await expect(page.getByRole('heading', { level: 1, name: 'Notifications' })).toBeVisible();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
      await expect(page.getByRole('button', { name: /^(Add|Test|Edit|Delete|Save|Switch)/ })).toHaveCount(0);
    }
  });
});
