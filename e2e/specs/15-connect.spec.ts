import { ConnectPage } from '../pages/connect';
import { expect, test } from '../support/fixtures';
import { plant } from '../support/plant';

const number = /-?\d[\d,]*(\.\d+)?/;

test('connects a machine over OPC UA: trust both ways, a wrong password, values picked and seen', async ({
  page,
}) => {
  test.slow();
  const connect = new ConnectPage(page);
  const user = plant.opcuaUser();
  await page.goto('/fleet');
  await page.getByRole('link', { name: 'Connect a machine' }).click();
  await connect.addMachine('Pump read directly', `PUMP-${Date.now()}`);
  await connect.chooseWay('The server reads it');
  await page.getByLabel('Endpoint').fill(plant.opcuaEndpoint());
  await page.getByLabel('User (empty for nobody)').fill(user.username);
  await page.getByLabel('Password').fill('not the password');
  await connect.test();
  await expect(connect.testStep('Device reached')).toContainText('127.0.0.1 port');
  await expect(page.getByRole('heading', { name: 'Is this your server?' })).toBeVisible();
  await expect(connect.goOn).toBeDisabled();

  await page.getByRole('button', { name: 'It is the same: trust this server' }).click();
  await expect(connect.testStep('Channel secured')).toContainText('does not trust this tenant');
  await plant.trust(await (await connect.downloadOwnCertificate()).path());
  await expect(async () => {
    await connect.test();
    await expect(connect.testStep('Signed in')).toContainText('password', { timeout: 1_000 });
  }).toPass();
  await expect(connect.goOn).toBeDisabled();

  await page.getByLabel('Password').fill(user.password);
  await connect.test();
  await expect(connect.testStep('Signed in')).toContainText(`As ${user.username}`);
  await connect.goOn.click();
  await connect.openFolder('PUMP-101');
  await page.getByRole('button', { name: 'Pick all 5 of PUMP-101' }).click();
  await page.getByRole('checkbox', { name: /^flow/ }).uncheck();
  await expect(page.getByRole('checkbox', { name: /^bearing_temperature/ })).toBeChecked();
  await connect.goOn.click();

  await expect(page.getByLabel('Unit of bearing_temperature')).toHaveValue('celsius');
  await page.getByLabel('Scale of discharge_pressure').fill('100');
  await page.getByLabel('Unit of discharge_pressure').fill('kPa');
  await page.getByRole('button', { name: 'Start reading' }).click();
  await expect(page.getByText('Every metric has readings.')).toBeVisible({ timeout: 60_000 });
  await expect(connect.value('Discharge pressure').getByRole('cell').first()).toHaveText(/\d{3}\.\d\d kPa/);
  await page.getByRole('link', { name: 'Open the machine' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Pump read directly' })).toBeVisible();
});

test('connects a machine over Modbus: registers probed, decoded as they are chosen, and seen', async ({
  page,
}) => {
  test.slow();
  const connect = new ConnectPage(page);
  await connect.open();
  await connect.addMachine('Compressor read directly', `COMPRESSOR-${Date.now()}`);
  await connect.chooseWay('The server reads it');
  await page.getByLabel('Protocol').selectOption('Modbus TCP');
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByLabel('Port').fill(plant.modbusPort());
  await connect.test();
  await connect.goOn.click();
  await page.getByLabel('How many, up to 250').fill('6');
  await page.getByRole('button', { name: 'Read registers' }).click();
  const value = page.getByLabel('Value of holding:0');
  await expect(value).toHaveText(number);
  const asWord = await value.textContent();
  await page.getByLabel('Type of holding:0').selectOption('float32');
  await expect(value).not.toHaveText(asWord ?? '');
  const asFloat = Number(await value.textContent());
  expect(asFloat, 'vibration of a pump in mm/s').toBeGreaterThan(0.1);
  expect(asFloat).toBeLessThan(45);
  await page.getByLabel('Word order of holding:0').selectOption('low word first');
  await expect(value).not.toHaveText(String(asFloat));
  await page.getByLabel('Word order of holding:0').selectOption('high word first');
  await page.getByRole('checkbox', { name: 'Pick holding:0' }).check();
  await expect(page.getByText('Part of the value at 0')).toBeVisible();
  await connect.goOn.click();
  await page.getByLabel('Metric of holding_0').fill('vibration_rms');
  await page.getByLabel('Unit of vibration_rms').fill('mm/s');

  await page.reload();
  await expect(page.getByLabel('Metric of vibration_rms')).toHaveValue('vibration_rms');
  await page.getByRole('button', { name: 'Start reading' }).click();
  await expect(page.getByText('Every metric has readings.')).toBeVisible({ timeout: 60_000 });
  await expect(connect.value('Vibration RMS').getByRole('cell').first()).toHaveText(/\d\.\d\d mm\/s/);
});

test('gives the configuration for an agent, and finds again what was entered', async ({ page }) => {
  const connect = new ConnectPage(page);
  await connect.open();
  await page.getByRole('radio', { name: /^Infeed conveyor/ }).check();
  await connect.goOn.click();
  await connect.chooseWay('An edge agent reads it');
  await page.getByLabel('File on the agent’s machine').fill('/data/belt/*.csv');
  await connect.goOn.click();
  await page.getByRole('button', { name: 'Add a row' }).click();
  await page.getByLabel('Tag of row 1').fill('Speed m/s');
  await page.getByLabel('Metric of row 1').fill('belt_speed');
  await page.goto('/fleet');
  await connect.open('?step=map');
  await expect(page.getByLabel('Tag of belt_speed')).toHaveValue('Speed m/s');
  await connect.goOn.click();
  const configuration = page.getByRole('region', { name: 'Configuration' });
  await expect(configuration).toContainText('machine_identifier: "CONVEYOR-401"');
  await expect(configuration).toContainText('"Speed m/s":');
  await page.getByRole('button', { name: 'Wait for the first values' }).click();
  // The agent of the demo plant reads this metric already.
  await expect(page.getByText('Every metric has readings.')).toBeVisible();
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('is told who may connect a machine', async ({ page }) => {
    await new ConnectPage(page).open();
    await expect(page.getByText('Only an operator or an administrator can connect a machine.')).toBeVisible();
    await page.goto('/fleet');
    await expect(page.getByRole('heading', { level: 1, name: 'Fleet overview' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Connect a machine' })).toHaveCount(0);
  });
});
