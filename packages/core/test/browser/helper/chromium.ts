import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const candidates = [
  process.env['GRADCAM_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const chromiumPath = candidates.find((path) => path !== undefined && existsSync(path));

/** Whether the tests in a browser have to be skipped, which is said; under CI=true they fail. */
export function skipWithoutChromium(): boolean {
  if (chromiumPath !== undefined || process.env['CI'] === 'true') return false;
  process.stderr.write(
    'skipped: no Chromium found; get it with: apt-get install chromium (or set GRADCAM_CHROMIUM)\n',
  );
  return true;
}

/**
 * WebGL and WebGPU by SwiftShader, Chromium's renderer in software: the same numbers on every
 * machine. `GRADCAM_GPU=1` takes the machine's graphics card instead.
 */
const software = [
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--use-webgpu-adapter=swiftshader',
];

/** Starts the system's Chromium, headless, with WebGL and WebGPU. */
export async function launchChromium(): Promise<Browser> {
  if (chromiumPath === undefined) {
    throw new Error('no Chromium found; get it with: apt-get install chromium');
  }
  return chromium.launch({
    executablePath: chromiumPath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-webgpu',
      '--enable-features=Vulkan',
      ...(process.env['GRADCAM_GPU'] === '1' ? [] : software),
    ],
  });
}
