import type { Locator, Page } from '@playwright/test';

export type Severity = 'Critical' | 'Warning' | 'Info';

/** The frame around every page. */
export class Shell {
  readonly alarmSummary: Locator;
  readonly navigation: Locator;
  readonly connection: Locator;
  readonly connectionBanner: Locator;
  readonly clock: Locator;
  readonly content: Locator;

  constructor(private readonly page: Page) {
    this.alarmSummary = page.getByRole('navigation', { name: 'Alarm summary' });
    this.navigation = page.getByRole('navigation', { name: 'Main' });
    this.connection = page.getByRole('status', { name: 'Connection' });
    this.connectionBanner = page.getByText('Missed data is fetched when the connection is back.');
    this.clock = page.getByRole('banner').getByRole('time');
    this.content = page.getByRole('main');
  }

  activeAlerts(severity: Severity, count: number | RegExp): Locator {
    const number = typeof count === 'number' ? String(count) : count.source;
    return this.alarmSummary.getByRole('link', { name: new RegExp(`^${severity}: ${number} active$`) });
  }

  unacknowledged(count: number): Locator {
    return this.alarmSummary.getByRole('link', { name: `${count} unacknowledged`, exact: true });
  }

  async chooseTheme(theme: 'Light' | 'Dark' | 'As the system'): Promise<void> {
    await this.openUserMenu();
    await this.page.getByRole('menuitemradio', { name: theme }).click();
    await this.page.keyboard.press('Escape');
  }

  async openUserMenu(): Promise<void> {
    await this.page.getByRole('button', { name: /User menu$/ }).click();
  }

  async signOut(): Promise<void> {
    await this.openUserMenu();
    await this.page.getByRole('menuitem', { name: 'Sign out' }).click();
  }
}
