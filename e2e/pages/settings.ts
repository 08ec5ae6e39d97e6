import type { Locator, Page } from '@playwright/test';

export class SettingsPage {
  readonly keys: Locator;
  readonly newKeyDialog: Locator;
  readonly newKey: Locator;
  readonly form: Locator;

  constructor(private readonly page: Page) {
    this.keys = page.getByRole('table', { name: 'API keys' });
    this.newKeyDialog = page.getByRole('dialog', { name: 'New API key' });
    this.newKey = this.newKeyDialog.getByTestId('new-api-key');
    this.form = page.getByRole('form', { name: 'Plant settings' });
  }

  async open(): Promise<void> {
    await this.page.goto('/settings');
  }

  keyRow(name: string): Locator {
    return this.keys.getByRole('row').filter({ hasText: name });
  }

  async createKey(name: string): Promise<string> {
    const form = this.page.getByRole('form', { name: 'Create API key' });
    await form.getByLabel('Name of the new key').fill(name);
    await form.getByRole('button', { name: 'Create API key' }).click();
    const key = await this.newKey.innerText();
    await this.newKeyDialog.getByRole('button', { name: 'Done' }).click();
    return key;
  }

  async revokeKey(name: string): Promise<void> {
    await this.keyRow(name)
      .getByRole('button', { name: `Revoke ${name}` })
      .click();
    await this.page
      .getByRole('dialog', { name: 'Revoke API key' })
      .getByRole('button', { name: 'Revoke this key' })
      .click();
  }
}
