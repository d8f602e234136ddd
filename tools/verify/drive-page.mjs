// @ts-check
import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { chromium } from 'playwright-core';

/** Nothing but a page that hangs takes so long. */
const HANGS_MS = 180_000;

/** @type {Readonly<Record<string, string>>} */
const types = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
};

/** Starts the Chromium of this machine. */
export function startChromium() {
  const places = [process.env['GRADCAM_CHROMIUM'], '/usr/bin/chromium', '/usr/bin/google-chrome'];
  const executablePath = places.find((file) => file !== undefined && existsSync(file));
  if (executablePath === undefined) throw new Error('no Chromium found (or set GRADCAM_CHROMIUM)');
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run'];
  return chromium.launch({ executablePath, args });
}

/**
 * What a page said in its elements, and what it took.
 *
 * @typedef {{ said: readonly string[], seconds: number, requests: number, bytes: number }} PageReport
 */

/**
 * Serves a folder as static files, opens an address of it, and waits until elements have a text.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} folder
 * @param {string} address below the folder
 * @param {readonly string[]} elements their selectors
 * @returns {Promise<PageReport>}
 * @throws {Error} with the page's own faults if an element stays empty.
 */
export async function drivePage(browser, folder, address, elements) {
  const served = await serveFolder(folder);
  const page = await browser.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (line) => {
    // Files that may stand beside a model are asked for; most are not there.
    const isFault = line.type() === 'error' && !line.text().includes('status of 404');
    if (isFault) faults.push(line.text());
  });
  const start = performance.now();
  try {
    await page.goto(new URL(address, served.url).href);
    const isThere = (/** @type {readonly string[]} */ all) =>
      all.every((one) => (document.querySelector(one)?.textContent ?? '') !== '');
    await page.waitForFunction(isThere, elements, { timeout: HANGS_MS }).catch(() => {
      throw new Error(`${address}: ${elements.join(', ')} stay empty; ${faults.join('; ')}`);
    });
    const seconds = (performance.now() - start) / 1000;
    const said = await Promise.all(elements.map((one) => page.textContent(one)));
    if (faults.length > 0) throw new Error(`${address}: ${faults.join('; ')}`);
    return { said: said.map(String), seconds, ...served.count() };
  } finally {
    await page.close();
    served.close();
  }
}

/** @param {string} folder */
async function serveFolder(folder) {
  const sizes = /** @type {number[]} */ ([]);
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const asked = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    readFile(path.join(realpathSync(folder), asked)).then(
      (bytes) => {
        sizes.push(bytes.length);
        response.setHeader(
          'Content-Type',
          types[path.extname(asked)] ?? 'application/octet-stream',
        );
        response.end(bytes);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/`,
    count: () => ({ requests: sizes.length, bytes: sizes.reduce((sum, one) => sum + one, 0) }),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
