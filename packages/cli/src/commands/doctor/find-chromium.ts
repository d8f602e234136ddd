import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const names = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'microsoft-edge',
];

const installed = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Finds a Chromium: first at `$CHROME_PATH`, then on the PATH, then where its installers put it. */
export async function findChromium(): Promise<string | null> {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const onPath = folders.flatMap((folder) => names.map((name) => path.join(folder, name)));
  const candidates = [process.env['CHROME_PATH'] ?? '', ...onPath, ...installed];
  for (const file of candidates) {
    if (file === '') continue;
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return null;
}

/** The name and version that a browser prints; null if it prints none. */
export async function readBrowserVersion(file: string): Promise<string | null> {
  // On Windows, the flag `--version` opens a window instead of printing the version.
  if (process.platform === 'win32') return null;
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: 5000 });
    return stdout.trim().split('\n')[0] ?? null;
  } catch {
    return null;
  }
}
