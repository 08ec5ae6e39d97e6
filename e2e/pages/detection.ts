import type { Locator, Page } from '@playwright/test';

/** Settings of a metric, or of a machine as a whole, that are tried before they are saved. */
export class DetectionPage {
  readonly form: Locator;
  readonly trial: Locator;
  /** What the settings shown would have found, in a sentence. */
  readonly outcome: Locator;
  readonly picture: Locator;
  readonly save: Locator;

  constructor(private readonly page: Page) {
    this.form = page.getByRole('form', { name: 'Detection settings' });
    this.trial = page.getByRole('region', { name: 'On stored readings' });
    this.outcome = this.trial.getByRole('status').filter({ hasText: 'would have found' });
    this.picture = this.trial.getByRole('img', { name: /would have found/ });
    this.save = this.form.getByRole('button', { name: /^Save for this / });
  }

  async openMetric(machineId: string, metricId: string, search = ''): Promise<void> {
    await this.page.goto(`/machines/${machineId}/metrics/${metricId}/detection${search}`);
  }

  async openMachine(machineId: string): Promise<void> {
    await this.page.goto(`/machines/${machineId}/detection`);
  }

  field(label: string): Locator {
    return this.form.getByLabel(label, { exact: true });
  }

  /** Episodes that the settings shown would have found, once the answer is there. */
  async found(): Promise<number> {
    const sentence = await this.outcome.textContent();
    return Number(/found ([\d,]+) episode/.exec(sentence ?? '')?.[1]?.replaceAll(',', ''));
  }
}
