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
  // A test that passes at the second attempt is named as flaky at the end of the output.
  retries: process.env.CI ? 1 : 0,
  // For slow machines; on a usual one no test needs a tenth of it but the incident.
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [['list']],
  use: {
    baseURL: stackUrl(),
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme: 'light',
    // Its film strip would cost more than the tests themselves; the last picture is kept anyway.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: await chooseBrowser(),
  },
});
