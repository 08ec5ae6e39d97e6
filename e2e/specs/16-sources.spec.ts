import { expect, test } from '../support/fixtures';
import { plant } from '../support/plant';

const createSource = `
  mutation ($input: CreateIngestSourceInput!) {
    createIngestSource(input: $input) { ... on CreateIngestSourceSuccess { source { id version } } }
  }`;
const setTags = `
  mutation ($input: SetTagMappingsInput!) { setTagMappings(input: $input) { __typename } }`;

interface Created {
  createIngestSource: { source: { id: string; version: number } };
}

const tag = { tag: 'holding:0', metricName: 'vibration_direct', unit: 'mm/s', dataType: 'FLOAT32' };

test('a source is tested, paused, resumed, changed against a conflict, and deleted', async ({
  page,
  apiOf,
}) => {
  test.slow();
  const api = await apiOf('admin');
  const name = `Pump over Modbus ${Date.now()}`;
  const machineId = await api.machineId('PUMP-102');
  const modbusTcp = { host: '127.0.0.1', port: Number(plant.modbusPort()) };
  const input = { machineId, name, modbusTcp, pollIntervalSeconds: 1, tags: [tag] };
  const { source } = (await api.ask<Created>(createSource, { input })).createIngestSource;

  await page.goto(`/sources?q=${encodeURIComponent(name)}`);
  const row = page.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText('Polling', { timeout: 60_000 });
  await expect(row).toContainText('s ago');
  await row.getByRole('button', { name: `Pause ${name}` }).click();
  await expect(row).toContainText('Paused');
  await row.getByRole('button', { name: `Resume ${name}` }).click();
  await expect(row).not.toContainText('Paused');

  await row.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Test now' }).click();
  const values = page.getByRole('table', { name: 'First values' });
  await expect(values.getByRole('row').nth(1)).toContainText('Good');

  const scale = page.getByLabel('Scale of vibration_direct');
  await scale.fill('2');
  const theirs = { sourceId: source.id, mappings: [{ ...tag, offset: 5 }] };
  await api.ask(setTags, { input: theirs });
  await expect(page.getByText('Somebody else changed these tags meanwhile.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save tags' })).toBeDisabled();
  await page.getByRole('button', { name: 'Load what is stored now' }).click();
  await expect(page.getByLabel('Offset of vibration_direct')).toHaveValue('5');
  await scale.fill('3');
  await page.getByRole('button', { name: 'Save tags' }).click();
  await expect(page.getByRole('button', { name: 'Undo the changes' })).toHaveCount(0);
  await page.reload();
  await expect(scale).toHaveValue('3');

  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: `Delete ${name}` });
  await dialog.getByRole('button', { name: 'Delete the source' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Sources' })).toBeVisible();
  await expect(row).toHaveCount(0);
});

test('an unreachable device is tried again, and says why', async ({ page, apiOf }) => {
  const api = await apiOf('admin');
  const name = `Nobody there ${Date.now()}`;
  const machineId = await api.machineId('PUMP-102');
  const input = {
    machineId,
    name,
    modbusTcp: { host: '127.0.0.1', port: 5_020, timeoutSeconds: 1 },
    tags: [tag],
  };
  await api.ask<Created>(createSource, { input });
  await page.goto('/sources?state=RECOVERABLE');
  const row = page.getByRole('row').filter({ hasText: name });
  await expect(row).toContainText('Trying again', { timeout: 45_000 });
  await row.getByRole('link', { name }).click();
  await page.getByRole('button', { name: 'Test now' }).click();
  const steps = page.getByRole('list', { name: 'Steps of the test' });
  await expect(steps.getByRole('listitem').filter({ hasText: 'Device reached' })).toContainText(
    'is the device on?',
  );
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('sees the sources and can change none', async ({ page }) => {
    await page.goto('/sources');
    await expect(page.getByRole('heading', { level: 1, name: 'Sources' })).toBeVisible();
    await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'Connect a machine' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: /^(Pause|Resume) / })).toHaveCount(0);
  });
});
