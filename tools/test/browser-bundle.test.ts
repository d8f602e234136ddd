import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as browserEntry from '@gradcam/core/browser';
import {
  launchChromium,
  skipWithoutChromium,
} from '../../packages/core/test/browser/helper/chromium.ts';
import { serveFolders } from './serve-root.ts';

const TIMEOUT = 180_000;
const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-browser-'));
// Somewhere below the root of a plain server of files.
const site = path.join(folder, 'some/where');

beforeAll(() => {
  const write = path.join(root, 'tools/release/write-browser-package.mjs');
  execFileSync(process.execPath, [write, path.join(folder, 'package')], { stdio: 'pipe' });
  mkdirSync(site, { recursive: true });
  cpSync(path.join(folder, 'package/dist'), path.join(site, 'gradcam'), { recursive: true });
  copyFileSync(path.join(root, 'examples/static-page/index.html'), path.join(site, 'index.html'));
  copyFileSync(path.join(root, 'demo/scenes/cat-and-dog.png'), path.join(site, 'scene.png'));
  const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
  const fetchNet = ['fetch', 'demo-resnet', '--models', site, '--quiet'];
  execFileSync(process.execPath, [command, ...fetchNet], { stdio: 'pipe' });
  // The same net as plain tfjs has it: nothing names its classes.
  cpSync(path.join(site, 'demo-resnet'), path.join(site, 'without-names'), { recursive: true });
  const json = path.join(site, 'without-names/model.json');
  const { userDefinedMetadata, ...plain } = JSON.parse(readFileSync(json, 'utf8')) as Record<
    string,
    unknown
  >;
  expect(userDefinedMetadata).toHaveProperty('gradcam.labels');
  writeFileSync(json, JSON.stringify(plain));
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package of static files', () => {
  test('has everything that @gradcam/core/browser exports', () => {
    const script = readFileSync(path.join(site, 'gradcam/gradcam.js'), 'utf8');
    const [, list = ''] = /export\s*\{([^}]*)\}\s*;?\s*$/.exec(script) ?? [];
    const names = list.split(',').map((one) => one.split(' as ').at(-1)!.trim());
    expect(names.filter(Boolean).sort()).toEqual(Object.keys(browserEntry).sort());
  });

  test('is small before an engine is needed, and has notices of what it contains', () => {
    expect(statSync(path.join(site, 'gradcam/gradcam.js')).size).toBeLessThan(500_000);
    const notices = readFileSync(path.join(folder, 'package/THIRD-PARTY-NOTICES'), 'utf8');
    expect(notices).toContain('onnxruntime-web');
    expect(notices).toContain('@tensorflow/tfjs-core');
    // Of the pages of the viewer, which are another package.
    expect(notices).not.toMatch(/^(preact|npyjs) /m);
  });

  describe.skipIf(skipWithoutChromium())('in Chromium', { timeout: TIMEOUT }, () => {
    let chromium: Browser;
    let server: Awaited<ReturnType<typeof serveFolders>>;
    beforeAll(async () => {
      server = await serveFolders({ '': folder });
      chromium = await launchChromium();
    }, TIMEOUT);
    afterAll(async () => {
      await chromium?.close();
      server?.close();
    });

    test.each(['onnx', 'webgl', 'wasm', 'cpu'])(
      'on %s: the engine comes with the first picture, and the map lies on the cat',
      async (engine) => {
        const page = await chromium.newPage();
        const faults: string[] = [];
        page.on('pageerror', ({ message }) => faults.push(message));
        const asked: string[] = [];
        page.on('request', (request) => asked.push(request.url()));
        const query = `image=scene.png&model=demo-resnet/&class=cat&engine=${engine}`;
        await page.goto(`${server.url}/some/where/?${query}`, { waitUntil: 'networkidle' });
        const sizeOf = (url: string): number =>
          statSync(path.join(folder, new URL(url).pathname.replace(/\/$/, '/index.html'))).size;
        const early = asked.filter((url) => url.includes('/gradcam/'));
        const earlyBytes = early.reduce((sum, url) => sum + sizeOf(url), 0);
        expect(earlyBytes).toBeLessThan(500_000);
        expect(early.filter((url) => url.endsWith('.wasm'))).toEqual([]);
        await page.getByRole('button', { name: 'Explain' }).click();
        const said = page.locator('#here');
        await expect
          .poll(() => said.textContent(), { timeout: 120_000 })
          .toMatch(/strongest at|not explained/);
        expect(faults).toEqual([]);
        const [, x, y] = /^cat: strongest at ([\d.]+), ([\d.]+)$/.exec(
          (await said.textContent())!,
        )!;
        // The cat of scenes.json: x 14, y 45, 88 x 99 pixels.
        expect(Number(x)).toBeGreaterThan(14);
        expect(Number(x)).toBeLessThan(102);
        expect(Number(y)).toBeGreaterThan(45);
        expect(Number(y)).toBeLessThan(144);
        const all = asked.filter((url) => url.includes('/gradcam/'));
        expect(all.reduce((sum, url) => sum + sizeOf(url), 0)).toBeGreaterThan(earlyBytes);
        expect(all.length).toBeGreaterThan(early.length);
        // Nothing comes from another server.
        expect(asked.filter((url) => !url.startsWith(server.url))).toEqual([]);
        await page.close();
      },
    );

    test('a class without a name is shown by its number, and a failure by its reason', async () => {
      const page = await chromium.newPage();
      const said = page.locator('#here');
      const explain = async (model: string): Promise<void> => {
        await page.goto(`${server.url}/some/where/?image=scene.png&model=${model}/&class=1`);
        await page.getByRole('button', { name: 'Explain' }).click();
      };
      await explain('without-names');
      await expect
        .poll(() => said.textContent(), { timeout: 120_000 })
        .toMatch(/^class 1: strongest at [\d.]+, [\d.]+$/);
      await explain('not-there');
      await expect
        .poll(() => said.textContent(), { timeout: 120_000 })
        .toMatch(/^not explained: .*not-there/);
      await page.close();
    });
  });
});
