import type { Locator, Page } from '@playwright/test';

export class EscalationPage {
  readonly dialog: Locator;

  constructor(private readonly page: Page) {
    this.dialog = page.getByRole('dialog');
  }

  async openPolicies(): Promise<void> {
    await this.page.goto('/escalation');
  }

  async openOnCall(): Promise<void> {
    await this.page.goto('/escalation/on-call');
  }

  async openQuietHours(): Promise<void> {
    await this.page.goto('/escalation/quiet-hours');
  }

  /** A policy, a rotation or quiet hours, by name. */
  card(name: string): Locator {
    return this.page.getByRole('region', { name, exact: true });
  }

  calendar(rotation: string): Locator {
    return this.page.getByRole('region', { name: `Calendar of ${rotation}` });
  }

  /** Everybody of the plant takes turns of a day. */
  async addRotation(name: string, people: readonly string[]): Promise<void> {
    await this.page.getByRole('button', { name: 'New rotation' }).click();
    await this.dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.dialog.getByLabel('Time zone').fill('Europe/Berlin');
    for (const person of people) {
      await this.dialog.getByLabel('Layer 1: who takes turns', { exact: true }).selectOption(person);
    }
    await this.dialog.getByLabel('Unit').selectOption('DAY');
    await this.dialog.getByRole('button', { name: 'Make the rotation' }).click();
  }

  /** One step for a rotation, for critical alerts, twice. */
  async addPolicy(name: string, target: string): Promise<void> {
    await this.page.getByRole('button', { name: 'New policy' }).click();
    await this.dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    await this.dialog.getByRole('checkbox', { name: 'Critical' }).check();
    await this.dialog.getByLabel('Step 1 tells', { exact: true }).selectOption(target);
    await this.dialog.getByRole('spinbutton', { name: 'Rounds', exact: true }).fill('2');
    await this.dialog.getByRole('button', { name: 'Make the policy' }).click();
  }

  async remove(name: string): Promise<void> {
    await this.card(name)
      .getByRole('button', { name: `Delete ${name}` })
      .click();
    await this.dialog.getByRole('button', { name: /^Delete the/ }).click();
  }
}
