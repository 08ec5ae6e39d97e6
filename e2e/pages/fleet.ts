import type { Locator, Page } from '@playwright/test';

export class FleetPage {
  readonly table: Locator;
  readonly rows: Locator;
  readonly sites: Locator;

  constructor(private readonly page: Page) {
    this.table = page.getByRole('table', { name: 'Machines, worst first' });
    this.sites = page.getByRole('table', { name: 'Health by site, the lowest mean first' });
    this.rows = this.table.getByRole('row').filter({ has: page.getByRole('rowheader') });
  }

  async open(): Promise<void> {
    await this.page.goto('/fleet');
  }

  row(identifier: string): Locator {
    return this.rows.filter({ hasText: identifier });
  }

  /** Time of the last reading, as the machine gave it. */
  lastReading(identifier: string): Locator {
    return this.row(identifier).locator('time');
  }

  health(identifier: string): Locator {
    return this.row(identifier).getByRole('meter', { name: 'Health score' });
  }

  activeAlerts(identifier: string): Locator {
    return this.row(identifier).getByRole('cell').nth(2);
  }

  /** How many machines are in a status, from the counts above the table. */
  count(status: string): Locator {
    return this.page
      .locator('dl[aria-label="Machines by status"] > div')
      .filter({ hasText: status })
      .locator('dd');
  }
}
