import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';

/** What a page may ask for before anybody has done anything, in bytes as they are sent. */
const FIRST_VIEW = 150e3;

async function gzipSize(file: string): Promise<number> {
  return gzipSync(await readFile(path.join(inject('builtPage'), file))).byteLength;
}

/** Files that a page names, and those that these import at once. */
async function filesOfFirstView(page: string): Promise<string[]> {
  const found = new Set([page]);
  for (const file of found) {
    if (!/\.(html|js|css)$/.test(file)) continue;
    const text = await readFile(path.join(inject('builtPage'), file), 'utf8');
    const links =
      path.extname(file) === '.html'
        ? text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)
        : text.matchAll(
            /(?:^|[;}])\s*(?:import|export)\s*(?:[^"'`;()]*?from\s*)?["']\.\/([^"']+)["']/g,
          );
    const folder = path.dirname(file);
    for (const [, link] of links) found.add(path.join(folder, link!));
  }
  return [...found];
}

// Without a Chromium the page is not built.
describe.skipIf(skipWithoutChromium())('the first view', () => {
  test.each(['index.html', 'live.html'])('of %s is small', async (page) => {
    const files = await filesOfFirstView(page);
    // The page, its style, its icon, its script and what it shares with the other page.
    expect(files.length).toBeGreaterThanOrEqual(5);
    let size = 0;
    for (const file of files) size += await gzipSize(file);
    if (page === 'live.html') {
      // The worker starts with the page, its engines do not.
      const assets = await readdir(path.join(inject('builtPage'), 'assets'));
      const worker = assets.find((name) => name.startsWith('worker-'))!;
      for (const file of await filesOfFirstView(path.join('assets', worker))) {
        expect(file).not.toMatch(/wasm/);
        size += await gzipSize(file);
      }
    }
    expect(size).toBeLessThan(FIRST_VIEW);
  });

  test('no file of the page has the path of one of its sources', async () => {
    // A build within the tests may inherit NODE_ENV=test, under which JSX would be written for development.
    const names = await readdir(inject('builtPage'), { recursive: true });
    const texts = names.filter((name) => /\.(html|js|css)$/.test(name));
    expect(texts.length).toBeGreaterThan(5);
    for (const name of texts) {
      const text = await readFile(path.join(inject('builtPage'), name), 'utf8');
      expect(text.includes('packages/viewer/src'), name).toBe(false);
      expect(text.includes('jsxDEV'), name).toBe(false);
    }
  });

  test('what engines compute with is there, on our own server', async () => {
    const assets = await readdir(path.join(inject('builtPage'), 'assets'));
    const wasm = assets.filter((name) => name.endsWith('.wasm')).join();
    expect(wasm).toMatch(/tfjs-backend-wasm-simd/);
    expect(wasm).toMatch(/ort-wasm-simd-threaded/);
  });
});
