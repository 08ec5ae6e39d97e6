import type { Locator, Page } from '@playwright/test';
import type { Person } from '../support/stack';

export class SignInPage {
  readonly form: Locator;
  readonly refusal: Locator;

  constructor(private readonly page: Page) {
    this.form = page.getByRole('form', { name: 'Sign in' });
    this.refusal = this.form.getByRole('alert');
  }

  async open(): Promise<void> {
    await this.page.goto('/sign-in');
  }

  async signIn({ email, password }: Person): Promise<void> {
    await this.form.getByLabel('Email').fill(email);
    await this.form.getByLabel('Password', { exact: true }).fill(password);
    await this.form.getByRole('button', { name: 'Sign in' }).click();
  }
}
