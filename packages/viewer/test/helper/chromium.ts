import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const candidates = [
  process.env['GRADCAM_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** The system's Chromium, or undefined. */
export const chromiumPath: string | undefined = candidates.find(
  (path) => path !== undefined && path !== '' && existsSync(path),
);

/**
 * Whether page tests have to be skipped, which is said; under CI=true they run, and so fail, as
 * there nobody would read it.
 */
export function skipWithoutChromium(): boolean {
  if (chromiumPath !== undefined || process.env['CI'] === 'true') return false;
  console.warn(
    'page tests skipped: no Chromium found; get it with: apt-get install chromium (or set GRADCAM_CHROMIUM)',
  );
  return true;
}

/** Starts the system's Chromium with a profile of its own; `close` removes both. */
export async function launchChromium(): Promise<{
  context: BrowserContext;
  close: () => Promise<void>;
}> {
  if (chromiumPath === undefined) {
    throw new Error('no Chromium found; get it with: apt-get install chromium');
  }
  const profile = await mkdtemp(join(tmpdir(), 'gradcam-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    locale: 'en-GB',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const close = async (): Promise<void> => {
    await context.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 3 });
  };
  return { context, close };
}
