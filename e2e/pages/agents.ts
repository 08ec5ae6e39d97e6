import type { Locator, Page } from '@playwright/test';

export class AgentsPage {
  readonly table: Locator;
  readonly state: Locator;
  readonly sources: Locator;
  readonly gapLines: Locator;
  readonly file: Locator;
  readonly arrival: Locator;
  readonly makeKeyButton: Locator;

  constructor(private readonly page: Page) {
    this.table = page.getByRole('table', { name: 'Agents, worst first' });
    this.state = page.getByRole('region', { name: 'State' });
    this.sources = page.getByRole('table', { name: 'Sources of the agent' });
    this.gapLines = page.getByRole('region', { name: 'What is missing' }).getByRole('img');
    this.file = page.getByRole('region', { name: 'agent.toml' });
    this.arrival = page.getByRole('listitem').filter({ hasText: 'See it arrive' }).getByRole('status');
    this.makeKeyButton = page.getByRole('button', { name: 'Make the API key' });
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/agents${query}`);
  }

  row(name: string): Locator {
    return this.table.getByRole('row').filter({ hasText: name });
  }

  async openAgent(name: string): Promise<void> {
    await this.row(name).getByRole('link', { name }).click();
  }

  /** Makes the key of a new agent and returns its text. */
  async makeKey(name: string): Promise<string> {
    await this.page.getByLabel('Name of the agent').fill(name);
    await this.makeKeyButton.click();
    const dialog = this.page.getByRole('dialog', { name: 'New API key' });
    const key = await dialog.getByTestId('new-api-key').innerText();
    await dialog.getByRole('button', { name: 'Done' }).click();
    return key;
  }

  async choose(protocol: string): Promise<void> {
    await this.page.getByLabel('What it reads first').selectOption({ label: protocol });
  }

  async fill(field: string, value: string): Promise<void> {
    await this.page.getByLabel(field, { exact: true }).fill(value);
  }

  /** Downloads the shown file to a path. */
  async download(path: string): Promise<void> {
    const started = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: 'Download agent.toml' }).click();
    await (await started).saveAs(path);
  }

  async rename(name: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Rename' }).click();
    const dialog = this.page.getByRole('dialog', { name: 'Rename agent' });
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByRole('button', { name: 'Save' }).click();
  }

  async remove(): Promise<void> {
    await this.page.getByRole('button', { name: 'Remove' }).click();
    await this.page
      .getByRole('dialog', { name: 'Remove agent' })
      .getByRole('button', { name: 'Remove this agent' })
      .click();
  }
}
