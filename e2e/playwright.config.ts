import { defineConfig } from '@playwright/test';
import { chooseBrowser } from './browser';
import { stackUrl } from './support/stack';

export default defineConfig({
  testDir: 'specs',
  outputDir: 'test-results',
  // One installation and one story for all: the calm plant comes first, then its incident.
  workers: 1,
  fullyParallel: false,
  forbidOnly: Boolean(process.env.CI),
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL: stackUrl(),
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: await chooseBrowser(),
  },
});
