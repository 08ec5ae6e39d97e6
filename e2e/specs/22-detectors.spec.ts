import { DetectionPage } from '../pages/detection';
import { expectNoGraveViolation } from '../support/accessibility';
import type { Api } from '../support/api';
import { expect, test } from '../support/fixtures';

const identifier = 'COMPRESSOR-301';

interface Watched {
  id: string;
  name: string;
  metrics: { id: string; name: string }[];
}

async function watched(api: Api): Promise<Watched> {
  const asked = '{ machines(first: 100) { nodes { id name identifier metrics { id name } } } }';
  const { machines } = await api.ask<{ machines: { nodes: (Watched & { identifier: string })[] } }>(asked);
  const found = machines.nodes.find((machine) => machine.identifier === identifier);
  expect(found, `${identifier} is part of the demo plant`).toBeDefined();
  return found as Watched;
}

/** Whatever was saved before, by this spec too: the plant's defaults are in force. */
async function withDefaults(api: Api, { id, metrics }: Watched): Promise<void> {
  await api.ask(
    `mutation ($metric: ID!, $machine: ID!) {
      metricDetectionUpdate(input: { metricId: $metric, detection: null }) { __typename }
      machineChartUpdate(input: { machineId: $machine, settings: null }) { __typename }
    }`,
    { metric: metrics[0]?.id, machine: id },
  );
}

/** A number that nobody has saved before. */
function freshSeconds(): string {
  return String(100 + Math.floor(Math.random() * 80_000));
}

test.describe('settings are tried, saved and told of', () => {
  let machine: Watched;

  test.beforeEach(async ({ apiOf }) => {
    const api = await apiOf('admin');
    machine = await watched(api);
    await withDefaults(api, machine);
  });

  test.afterEach(async ({ apiOf }) => withDefaults(await apiOf('admin'), machine));

  test('of a metric', async ({ page, audit }) => {
    const detection = new DetectionPage(page);
    const metric = machine.metrics[0];
    await detection.openMetric(machine.id, String(metric?.id), '?period=1h');
    await expect(detection.outcome).toContainText('as many as now');
    const before = await detection.found();
    await expect(detection.save).toBeDisabled();

    await detection.field('Baseline threshold').fill('1');
    await detection.field('Readings to confirm').fill('1');
    await expect(detection.outcome).toContainText(/\d more; /);
    expect(await detection.found()).toBeGreaterThan(before);
    await expect(detection.picture).toBeVisible();
    await expect(detection.picture).toContainText('limit 1');

    await detection.form.getByRole('button', { name: 'Undo changes' }).click();
    const seconds = freshSeconds();
    await detection.field('Seconds to clear').fill(seconds);
    await detection.save.click();
    await expect(detection.form).toContainText('This metric has settings of its own');
    await expect(detection.save).toBeDisabled();
    await page.reload();
    await expect(detection.field('Seconds to clear')).toHaveValue(seconds);

    await audit.open(`?area=metric&machine=${machine.id}`);
    const record = audit.record('Metric settings changed', 'Northfield Works admin').first();
    await record.getByRole('button', { name: /^Show the payload/ }).click();
    await expect(audit.table).toContainText(`"clear_seconds": ${seconds}`);
  });

  test('of a machine as a whole', async ({ page, audit, apiOf }) => {
    const api = await apiOf('viewer');
    const isKnown = async (): Promise<boolean> => {
      const asked = 'query ($id: ID!) { machineReference(machineId: $id) { isReady } }';
      const { machineReference } = await api.ask<{ machineReference: { isReady: boolean } }>(asked, {
        id: machine.id,
      });
      return machineReference.isReady;
    };
    await expect
      .poll(isKnown, { message: 'a day of readings has been learnt from', timeout: 45_000 })
      .toBe(true);
    const detection = new DetectionPage(page);
    await detection.openMachine(machine.id);
    await expect(detection.outcome).toContainText('as many as now');
    const before = await detection.found();
    await expect(detection.save).toBeDisabled();

    await detection.field('Threshold').fill('0.5');
    await detection.field('Frames to confirm').fill('1');
    await expect(detection.outcome).toContainText(/\d more; /);
    expect(await detection.found()).toBeGreaterThan(before);
    await expect(detection.picture).toContainText('limit 0.5');
    await expect(detection.trial.getByRole('table', { name: 'Episodes' })).toContainText(
      /most of it comes from/,
    );

    await detection.form.getByRole('button', { name: 'Undo changes' }).click();
    const seconds = freshSeconds();
    await detection.field('Seconds to clear').fill(seconds);
    await detection.save.click();
    await expect(detection.form).toContainText('This machine has settings of its own');
    await page.reload();
    await expect(detection.field('Seconds to clear')).toHaveValue(seconds);

    await audit.open(`?area=machine&machine=${machine.id}`);
    const record = audit.record('Settings of a machine as a whole changed', 'Northfield Works admin').first();
    await record.getByRole('button', { name: /^Show the payload/ }).click();
    await expect(audit.table).toContainText(`"clear_seconds": ${seconds}`);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`the pages have no grave violation: ${colorScheme}`, async ({ page }) => {
      const detection = new DetectionPage(page);
      await page.emulateMedia({ colorScheme });
      await detection.openMetric(machine.id, String(machine.metrics[0]?.id), '?period=1h');
      await expect(detection.picture).toBeVisible();
      await expectNoGraveViolation(page);
      await detection.openMachine(machine.id);
      await expect(detection.picture).toBeVisible();
      await expectNoGraveViolation(page);
    });
  }

  test('what is out of range is refused with the reason', async ({ page }) => {
    const detection = new DetectionPage(page);
    await detection.openMachine(machine.id);
    await detection.field('Threshold').fill('0.1');
    await detection.save.click();
    await expect(detection.form.getByRole('alert')).toContainText(
      'threshold must be a number from 0.5 to 100',
    );
    await expect(detection.form).toContainText('This machine follows the plant’s defaults');
  });
});

test('the pages are reached from the machine, and from each other', async ({
  page,
  apiOf,
  machine: { trends },
}) => {
  const machine = await watched(await apiOf('viewer'));
  await page.goto(`/machines/${machine.id}`);
  await page.getByRole('link', { name: 'Detection of the machine as a whole' }).click();
  const whole = page.getByRole('heading', { level: 1, name: `Detection of ${machine.name} as a whole` });
  await expect(whole).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: machine.name, exact: true }).click();
  await trends
    .getByRole('link', { name: /^Detection/ })
    .first()
    .click();
  await expect(page).toHaveURL(/\/metrics\/[0-9a-f-]{36}\/detection$/);
  await page.getByRole('link', { name: 'The machine as a whole' }).click();
  await expect(whole).toBeVisible();
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('tries settings, and sees no button that saves', async ({ page, apiOf }) => {
    const machine = await watched(await apiOf('viewer'));
    const detection = new DetectionPage(page);
    for (const open of [
      () => detection.openMetric(machine.id, String(machine.metrics[0]?.id)),
      () => detection.openMachine(machine.id),
    ]) {
      await open();
      await expect(detection.form).toContainText('Saving them is for operators and administrators.');
      await expect(detection.outcome).toBeVisible();
      await detection.field('Critical factor').fill('3');
      await expect(detection.form.getByRole('button', { name: 'Undo changes' })).toBeEnabled();
      await expect(detection.form.getByRole('button', { name: /Save|defaults/ })).toHaveCount(0);
    }
  });
});
