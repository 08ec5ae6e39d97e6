import type { Locator, Page } from '@playwright/test';

export class StoragePage {
  readonly runButton: Locator;
  readonly dialog: Locator;
  readonly progress: Locator;
  readonly months: Locator;

  constructor(private readonly page: Page) {
    const panel = page.getByRole('region', { name: 'Clean-up' });
    this.runButton = panel.getByRole('button', { name: 'Run clean-up' });
    this.progress = panel.getByRole('status');
    this.dialog = page.getByRole('dialog', { name: 'Run clean-up' });
    this.months = page.getByRole('table', { name: 'Stored by month' });
  }

  async open(): Promise<void> {
    await this.page.goto('/storage');
  }

  /** Asks for a clean-up and confirms it. */
  async cleanUp(): Promise<void> {
    await this.runButton.click();
    await this.dialog.getByRole('button', { name: 'Delete what is too old' }).click();
  }
}
