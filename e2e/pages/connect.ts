import type { Download, Locator, Page } from '@playwright/test';

export class ConnectPage {
  readonly goOn: Locator;
  readonly testButton: Locator;
  readonly steps: Locator;
  readonly firstValues: Locator;

  constructor(private readonly page: Page) {
    this.goOn = page.getByRole('button', { name: 'Go on', exact: true });
    this.testButton = page.getByRole('button', { name: 'Test the connection' });
    this.steps = page.getByRole('list', { name: 'Steps of the test' });
    this.firstValues = page.getByRole('table', { name: 'First values' });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/connect${search}`);
  }

  /** The step with this heading. */
  heading(name: string): Locator {
    return this.page.getByRole('heading', { level: 2, name });
  }

  async addMachine(name: string, identifier: string): Promise<void> {
    await this.page.getByRole('button', { name: 'Add a machine' }).click();
    await this.page.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.page.getByRole('textbox', { name: 'Identifier' }).fill(identifier);
    await this.page.getByRole('button', { name: 'Add machine' }).click();
  }

  async chooseWay(name: 'The server reads it' | 'An edge agent reads it'): Promise<void> {
    await this.page.getByRole('radio', { name }).check();
    await this.goOn.click();
  }

  testStep(name: string): Locator {
    return this.steps.getByRole('listitem').filter({ hasText: name });
  }

  async test(): Promise<void> {
    await this.testButton.click();
    await this.testButton.waitFor();
  }

  async downloadOwnCertificate(): Promise<Download> {
    await this.page.getByText('Our certificate, for the server’s administrator').click();
    const download = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: 'Download as DER' }).click();
    return download;
  }

  async openFolder(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Open ${name}` }).click();
  }

  value(metric: string): Locator {
    return this.firstValues.getByRole('row').filter({ hasText: metric });
  }
}
