import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

/** Takes the pictures of every screen: `npm run screens`, not part of the tests. */
export default defineConfig({ ...tests, testDir: 'screens', testMatch: '*.screens.ts', timeout: 120_000 });
