import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium, type BrowserContext } from 'playwright-core';

const chromiumPath = [
  process.env['GRADCAM_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((candidate) => candidate !== undefined && candidate !== '' && existsSync(candidate));

/** Whether page tests have to be skipped, which is said; under CI=true they run, and so fail. */
export function skipWithoutChromium(): boolean {
  if (chromiumPath !== undefined || process.env['CI'] === 'true') return false;
  console.warn('page test skipped: no Chromium found; get it with: apt-get install chromium');
  return true;
}

/** The folder of the viewer's pages, which Nx builds with the command before the tests. */
export const builtPage = fileURLToPath(
  new URL('dist', import.meta.resolve('@gradcam/viewer/package.json')),
);

/** Starts the system's Chromium with a profile of its own. */
export async function openBrowser(profile: string): Promise<BrowserContext> {
  if (chromiumPath === undefined) {
    throw new Error('no Chromium found; get it with: apt-get install chromium');
  }
  return chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath,
    headless: true,
    locale: 'en-GB',
    viewport: { width: 1280, height: 860 },
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // A camera that shows a moving test picture, allowed without a question.
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
    ],
  });
}
