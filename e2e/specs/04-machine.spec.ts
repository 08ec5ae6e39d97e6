import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/fixtures';
import { incident } from '../support/incident';

test.beforeEach(async ({ machine, brokenPump }) => {
  await machine.open(brokenPump.machine.id);
  await expect(machine.title(incident.machineName)).toBeVisible();
});

test('trends of all metrics draw and move with new readings', async ({ machine }) => {
  await expect(machine.trendList).toHaveCount(5);
  await expect.poll(() => machine.pixelsOf(incident.metricWords, '--pw-trace')).toBeGreaterThan(100);
  const [picture, value] = [
    await machine.picture(incident.metricWords),
    await machine.value(incident.metricWords),
  ];
  expect(value).toBeGreaterThan(0);
  await expect.poll(() => machine.value(incident.metricWords)).not.toBe(value);
  await expect.poll(async () => (await machine.picture(incident.metricWords)) !== picture).toBe(true);
});

test('the alert is marked on the trend of its metric and on no other', async ({ machine }) => {
  await expect.poll(() => machine.pixelsOf(incident.metricWords, '--pw-alarm-critical')).toBeGreaterThan(100);
  await expect(machine.chart(incident.metricWords)).toHaveAccessibleName(/[1-9] alerts marked$/);
  await expect(machine.chart('Flow')).toHaveAccessibleName(/ 0 alerts marked$/);
  expect(await machine.pixelsOf('Flow', '--pw-alarm-critical')).toBe(0);
});

test('the health score is the sum of its itemised deductions', async ({ machine, page }) => {
  await expect(machine.deductions.getByRole('row').filter({ hasText: '−' })).not.toHaveCount(0);
  const points = await machine.deductions
    .getByRole('row')
    .getByRole('cell')
    .filter({ hasText: /^(0|−\d+)$/ })
    .allInnerTexts();
  const deducted = points.reduce((sum, text) => sum + Number(text.replace('−', '')), 0);
  const formula = await machine.healthPanel.locator('p.pw-code').innerText();
  const numbers = /\(1 − ([\d.]+)\) × ([\d.]+) \+ ([\d.]+) × ([\d.]+)/.exec(formula);
  const [weight, alertScore, , anomalyScore] = (numbers ?? []).slice(1).map(Number);
  expect(alertScore).toBe(Math.max(0, 100 - deducted));
  const score = (1 - (weight ?? 0)) * (alertScore ?? 0) + (weight ?? 0) * (anomalyScore ?? 0);
  const shown = await machine.healthPanel.getByRole('heading').innerText();
  expect(Math.abs(Number(/(\d+) of 100/.exec(shown)?.[1]) - score)).toBeLessThanOrEqual(0.55);
  await expect(page.getByRole('meter', { name: 'Health score' })).toBeVisible();
});

test('the events of the machine name the alert', async ({ machine }) => {
  await expect(machine.events.getByRole('listitem').filter({ hasText: /Alert/ })).not.toHaveCount(0);
});

test('the window of the trends is in the address', async ({ machine, page }) => {
  await machine.trends.getByRole('button', { name: '24 h' }).click();
  await expect(page).toHaveURL(/window=24h/);
  await page.reload();
  await expect(machine.trends.getByRole('button', { name: '24 h' })).toHaveAttribute('aria-pressed', 'true');
  await expect.poll(() => machine.pixelsOf(incident.metricWords, '--pw-trace')).toBeGreaterThan(100);
});

test('the shown readings are saved as a file', async ({ machine, page }) => {
  const csv = await machine.download('CSV');
  expect(csv.suggestedFilename()).toMatch(/^readings-[\w.-]+\.csv$/);
  const lines = (await readFile(await csv.path(), 'utf8')).split('\n');
  expect(lines[0]).toBe('time,machine,metric,unit,value,quality');
  expect(lines.length).toBeGreaterThan(10);
  await expect(page.getByText(`Saved ${csv.suggestedFilename()}`)).toBeVisible();
  const parquet = await readFile(await (await machine.download('Parquet')).path());
  expect([parquet.subarray(0, 4), parquet.subarray(-4)].map(String)).toEqual(['PAR1', 'PAR1']);
});
