import type { Locator, Page } from '@playwright/test';

export class AlertsPage {
  readonly list: Locator;
  readonly rows: Locator;
  readonly dialog: Locator;

  constructor(private readonly page: Page) {
    this.list = page.getByRole('list', { name: 'Alerts' });
    this.rows = this.list.getByRole('listitem');
    this.dialog = page.getByRole('dialog', { name: 'Acknowledge alert' });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/alerts${search}`);
  }

  /** Rows that have all of these words. */
  row(...words: string[]): Locator {
    return words.reduce((rows, hasText) => rows.filter({ hasText }), this.rows);
  }

  toggle(group: 'Severity' | 'State' | 'Cause', name: string): Locator {
    return this.page.getByRole('group', { name: group }).getByRole('button', { name, exact: true });
  }

  async sendAcknowledgement(note: string): Promise<void> {
    await this.dialog.getByLabel('Note (optional)').fill(note);
    await this.dialog.getByRole('button', { name: 'Acknowledge' }).click();
  }
}
