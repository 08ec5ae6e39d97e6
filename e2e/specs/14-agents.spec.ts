import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNoGraveViolation } from '../support/accessibility';
import { checkAgentFile, startAgent } from '../support/agent';
import { expect, test } from '../support/fixtures';
import { southgate } from '../support/stack';

const files = [
  { protocol: 'OPC UA', name: 'opcua' },
  { protocol: 'Modbus TCP', name: 'modbus' },
  { protocol: 'CSV file', name: 'csv' },
  { protocol: 'JSON file', name: 'json' },
] as const;

let folder: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plantwright-agent-'));
});
test.afterAll(() => rm(folder, { recursive: true }));

test('the agent of the demo plant is heard, and its page shows what it reads', async ({ page, agents }) => {
  await agents.open();
  const row = agents.table.getByRole('row').nth(1);
  await expect(row).toContainText('Online', { timeout: 30_000 });
  await expect(row).toContainText(/\d+ s ago/);
  await row.getByRole('link').click();
  await expect(agents.state).toContainText(/Online for .*: (\d) of \1 sources well\. Heard \d+ s ago\./);
  await expect(agents.sources.getByRole('row').filter({ hasText: 'demo-opcua' })).toContainText('Well');
  await expect(agents.sources.getByRole('row').filter({ hasText: 'demo-modbus' })).toContainText(
    'Modbus TCP',
  );
  await expect(agents.gapLines).not.toHaveCount(0);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectNoGraveViolation(page);
  }
});

test.describe('a plant without an agent', () => {
  test.use({ signedInAs: { role: 'admin', domain: southgate } });

  test('every first file is accepted by the agent', async ({ page, agents }) => {
    await agents.open();
    await expect(page.getByRole('heading', { level: 1, name: 'Connect the first agent' })).toBeVisible();
    await expect(page).toHaveURL(/\/agents\/new$/);
    await expectNoGraveViolation(page);
    for (const { protocol, name } of files) {
      await agents.choose(protocol);
      const path = join(folder, `${name}.toml`);
      await agents.download(path);
      expect(await checkAgentFile(path)).toContain(`: ${name} -> `);
    }
  });

  test('gets its first one: key, file, and the first heartbeat', async ({ page, agents, apiOf }) => {
    test.slow();
    const api = await apiOf('admin', southgate);
    const { machines } = await api.ask<{ machines: { nodes: { identifier: string }[] } }>(
      '{ machines(first: 1) { nodes { identifier } } }',
    );
    const identifier = machines.nodes[0]?.identifier ?? '';
    const data = join(folder, 'press.csv');
    await writeFile(data, `time,level\n${new Date().toISOString()},4.5\n`);

    await agents.open();
    const key = await agents.makeKey('line-2-gateway');
    await agents.choose('CSV file');
    await agents.fill('Identifier of the machine', identifier);
    await agents.fill('Path on the agent’s computer', data);
    await agents.fill('Column of the first value', 'level');
    await agents.fill('Name of the metric', 'level');
    await expect(agents.file).toContainText(key);
    await expect(agents.arrival).toHaveText('Waiting for line-2-gateway …');
    const path = join(folder, 'agent.toml');
    await agents.download(path);
    await checkAgentFile(path);

    const stop = startAgent(path, join(folder, 'buffer'));
    try {
      // A busy machine takes long to start the process of the agent.
      await expect(agents.arrival).toContainText('line-2-gateway is connected.', { timeout: 90_000 });
      await expect(agents.arrival).toContainText(/Heard \d+ s ago\./);
      await page.getByRole('link', { name: 'Open line-2-gateway' }).click();
      await expect(agents.state).toContainText(/Online for .*: 1 of 1 source well\./);
      await expect(agents.sources).toContainText('CSV file');
      await expect(agents.sources).toContainText(/\d+ (s|min) ago/);
    } finally {
      await stop();
    }
  });

  test('calls an agent otherwise, and forgets it after saying what that means', async ({ page, agents }) => {
    await agents.open();
    await agents.openAgent('line-2-gateway');
    await agents.rename('Line 2');
    await expect(page.getByRole('heading', { level: 1, name: 'Line 2' })).toBeVisible();
    await agents.open('?q=line');
    await expect(agents.row('Line 2')).toHaveCount(1);
    await agents.openAgent('Line 2');
    await agents.remove();
    await expect(page).toHaveURL(/\/agents\/new$/);
  });
});

test.describe('a viewer', () => {
  test.use({ signedInAs: { role: 'viewer' } });

  test('sees agents, and no buttons that would be refused', async ({ page, agents }) => {
    await agents.open();
    await expect(agents.table.getByRole('row')).not.toHaveCount(1);
    await expect(page.getByRole('link', { name: 'Connect an agent' })).toHaveCount(0);
    await agents.table.getByRole('row').nth(1).getByRole('link').click();
    await expect(agents.state).toBeVisible();
    await expect(page.getByRole('button', { name: 'Rename' })).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Remove' })).toHaveCount(0);
    await page.goto('/agents/new');
    await expect(page.getByText(/Only an administrator can make the key/)).toBeVisible();
    await expect(agents.makeKeyButton).toHaveCount(0);
  });
});
