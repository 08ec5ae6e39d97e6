import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** How Playwright starts the browser. */
export interface BrowserLaunch {
  executablePath: string;
  args: string[];
  env: Record<string, string>;
}

const names = ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser', 'chrome'];
const macApplications = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const quietly = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
const unpackFolder = join(import.meta.dirname, 'node_modules', '.cache', 'plantwright-chromium');

/** The browser PLANTWRIGHT_BROWSER names, else an installed one, else the one of the npm package. */
export async function chooseBrowser(): Promise<BrowserLaunch> {
  const executablePath = named() ?? installed();
  return executablePath ? launch(executablePath, {}) : packaged();
}

function launch(executablePath: string, env: Record<string, string>): BrowserLaunch {
  // Chromium refuses its sandbox to root.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const inherited = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    executablePath,
    args: [...quietly, ...sandbox],
    env: { ...Object.fromEntries(inherited), ...env },
  };
}

function named(): string | undefined {
  const path = process.env.PLANTWRIGHT_BROWSER;
  if (path && !isExecutable(path)) {
    throw new Error(
      `PLANTWRIGHT_BROWSER is ${path}, which is no program. Give the full path of Chrome or Chromium.`,
    );
  }
  return path || undefined;
}

function installed(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, ...macApplications].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function packaged(): Promise<BrowserLaunch> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      'No Chrome or Chromium was found, and the npm package brings one for Linux on x64 only. ' +
        'Install Chrome, or set PLANTWRIGHT_BROWSER to the full path of a Chromium browser.',
    );
  }
  const executablePath = join(unpackFolder, 'chromium');
  if (!existsSync(executablePath)) {
    await unpack();
  }
  const env: Record<string, string> = {};
  if (!isComplete(executablePath)) {
    env.LD_LIBRARY_PATH = join(unpackFolder, 'al2023', 'lib');
  }
  if (!existsSync('/etc/fonts')) {
    env.FONTCONFIG_PATH = join(unpackFolder, 'fonts');
  }
  return launch(executablePath, env);
}

/** Unpacks beside the final place and renames, so that an interrupted run leaves no half browser. */
async function unpack(): Promise<void> {
  mkdirSync(join(unpackFolder, '..'), { recursive: true });
  const folder = mkdtempSync(`${unpackFolder}-`);
  const before = { ...process.env };
  // The package unpacks to the folder for temporary files, and its system libraries for this runtime only.
  Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' });
  try {
    const { default: chromium } = await import('@sparticuz/chromium');
    await chromium.executablePath();
  } finally {
    for (const name of Object.keys(process.env).filter((key) => !(key in before))) {
      delete process.env[name];
    }
    Object.assign(process.env, before);
  }
  rmSync(unpackFolder, { recursive: true, force: true });
  renameSync(folder, unpackFolder);
}

/** Whether the system has every library the program is linked to. */
function isComplete(executablePath: string): boolean {
  try {
    return !execFileSync('ldd', [executablePath], { encoding: 'utf8' }).includes('not found');
  } catch {
    return false;
  }
}
