import type { Download, Locator, Page } from '@playwright/test';

export class MachinePage {
  readonly trends: Locator;
  readonly trendList: Locator;
  readonly openAlerts: Locator;
  readonly healthPanel: Locator;
  readonly deductions: Locator;
  readonly healthHistory: Locator;
  readonly events: Locator;

  constructor(private readonly page: Page) {
    this.trends = page.getByRole('region', { name: 'Trends' });
    this.trendList = this.trends.getByRole('region', { name: /^Trend of / });
    this.openAlerts = page.getByRole('region', { name: 'Open alerts' });
    this.healthPanel = page.getByRole('region', { name: /^Health score/ });
    this.deductions = this.healthPanel.getByRole('table', { name: 'Deductions from the alert score of 100' });
    this.healthHistory = page.getByRole('region', { name: 'Score over time' });
    this.events = page.getByRole('region', { name: 'Events' });
  }

  async open(machineId: string, search = ''): Promise<void> {
    await this.page.goto(`/machines/${machineId}${search}`);
  }

  title(name: string): Locator {
    return this.page.getByRole('heading', { level: 1, name });
  }

  /** Asks for the shown readings as a file. */
  async download(format: 'CSV' | 'Parquet'): Promise<Download> {
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.trends.getByRole('button', { name: `Download ${format}` }).click(),
    ]);
    return download;
  }

  trend(metric: string): Locator {
    return this.trends.getByRole('region', { name: `Trend of ${metric}`, exact: true });
  }

  /** The value beside a trend's name. */
  async value(metric: string): Promise<number> {
    const text = await this.trend(metric).locator('header strong').innerText();
    return Number(text.replaceAll(',', ''));
  }

  chart(metric: string): Locator {
    return this.trend(metric).getByRole('img');
  }

  /** Counts the pixels of a trend's canvas that have the colour of a theme token. */
  async pixelsOf(metric: string, token: string): Promise<number> {
    const canvas = await this.canvas(metric);
    return canvas.evaluate((element: HTMLCanvasElement, name) => {
      const wanted = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(wanted.slice(at, at + 2), 16));
      const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
      let count = 0;
      for (let at = 0; at < pixels.length; at += 4) {
        if (pixels[at] === red && pixels[at + 1] === green && pixels[at + 2] === blue) {
          count += 1;
        }
      }
      return count;
    }, token);
  }

  /** What the canvas shows, to see whether it changes. */
  async picture(metric: string): Promise<string> {
    const canvas = await this.canvas(metric);
    return canvas.evaluate((element: HTMLCanvasElement) => element.toDataURL());
  }

  /** Scrolled to, because a trend that nobody sees need not draw. */
  private async canvas(metric: string): Promise<Locator> {
    const canvas = this.trend(metric).locator('canvas');
    // At once, for a chart may be made anew while Playwright waits for it to stand still.
    await canvas.evaluate((element) => element.scrollIntoView({ block: 'nearest' }));
    return canvas;
  }
}
