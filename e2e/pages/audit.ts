import type { Locator, Page } from '@playwright/test';

export class AuditPage {
  readonly table: Locator;
  readonly records: Locator;
  readonly verifyButton: Locator;
  readonly verification: Locator;

  constructor(private readonly page: Page) {
    this.table = page.getByRole('table', { name: 'Audit records, newest first' });
    this.records = this.table
      .getByRole('row')
      .filter({ has: page.getByRole('button', { name: /^(Show|Hide) the payload/ }) });
    this.verification = page.getByRole('region', { name: 'Verification' });
    this.verifyButton = this.verification.getByRole('button', { name: 'Verify' });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/audit${search}`);
  }

  record(action: string, actor: string): Locator {
    return this.records.filter({ hasText: action }).filter({ hasText: actor });
  }

  about(area: string): Locator {
    return this.page.getByRole('group', { name: 'About' }).getByRole('button', { name: area, exact: true });
  }
}
