import type { Locator, Page } from '@playwright/test';

export class WorkOrdersPage {
  readonly table: Locator;
  readonly dialog: Locator;
  readonly panel: Locator;
  readonly createButton: Locator;

  constructor(private readonly page: Page) {
    this.table = page.getByRole('table', { name: 'Work orders' });
    this.dialog = page.getByRole('dialog', { name: 'Create work order' });
    this.panel = page.getByRole('region', { name: /^Work order \d/ });
    this.createButton = page.getByRole('main').getByRole('button', { name: 'Create work order' });
  }

  async open(search = ''): Promise<void> {
    await this.page.goto(`/work-orders${search}`);
  }

  row(title: string): Locator {
    return this.table.getByRole('row').filter({ hasText: title });
  }

  async create(title: string, priority: string): Promise<void> {
    await this.dialog.getByLabel('Title').fill(title);
    await this.dialog.getByLabel('Priority').selectOption(priority);
    await this.dialog.getByRole('button', { name: 'Create work order' }).click();
  }

  step(command: 'Start work' | 'Complete' | 'Cancel work order'): Locator {
    return this.panel.getByRole('button', { name: command });
  }
}
