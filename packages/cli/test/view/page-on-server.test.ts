import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';
import { builtPage, openBrowser, skipWithoutChromium } from './open-browser.ts';

/** A run of one image with one map. */
async function writeRun(run: string): Promise<void> {
  const overlay = 'images/garden-0a1b2c3d/grad-cam--block4--0.overlay.png';
  const target = { kind: 'class', index: 0, label: 'cat' };
  const line = {
    image: 'scenes/garden.png',
    sha256: 'ab'.repeat(32),
    width: 64,
    height: 48,
    predictions: [{ index: 0, label: 'cat', probability: 0.8, logit: 4.2 }],
    explanations: [
      {
        method: 'grad-cam',
        layer: 'block4',
        target,
        score: 4.2,
        grid: [7, 7],
        relu: true,
        files: { overlay },
        peak: { x: 20, y: 24 },
        box: { x: 8, y: 8, width: 24, height: 30 },
        diagnostics: { probability: 0.8, gradientNorm: 1, negativeShare: 0, cellSize: [7, 7] },
      },
    ],
    ms: 5,
  };
  const settings = {
    methods: ['grad-cam'],
    targets: ['cat'],
    layers: ['auto'],
    save: ['overlay'],
    colormap: 'turbo',
    alpha: 0.5,
    fit: 'crop',
  };
  const file = {
    schema: 1,
    status: 'done',
    startedAt: '2026-03-02T09:30:00.000Z',
    model: { id: 'demo-resnet', path: 'models/demo-resnet', digest: 'cd'.repeat(32) },
    engine: 'wasm',
    versions: {},
    settings,
    assumptions: [],
  };
  await mkdir(join(run, dirname(overlay)), { recursive: true });
  const picture = {
    create: { width: 64, height: 48, channels: 3, background: '#d05040' },
  } as const;
  await sharp(picture).png().toFile(join(run, overlay));
  await writeFile(join(run, 'run.json'), JSON.stringify(file));
  await writeFile(join(run, 'results.jsonl'), `${JSON.stringify(line)}\n`);
}

describe.skipIf(skipWithoutChromium())(
  'the page, served by the command',
  { timeout: 60_000 },
  () => {
    let folder: string;
    let server: RunServer;
    let context: BrowserContext;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'gradcam-view-'));
      await writeRun(join(folder, 'run'));
      server = await serveRun({ run: join(folder, 'run'), page: builtPage });
      context = await openBrowser(join(folder, 'profile'));
    }, 120_000);

    afterAll(async () => {
      await context?.close();
      await server?.close();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    });

    test('shows the run under its policy, isolated, and asks no other host', async () => {
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) faults.push(message.text());
      });
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url)) faults.push(`request to ${request.url()}`);
      });
      page.on('response', (response) => {
        if (!response.ok()) faults.push(`${response.status()} for ${response.url()}`);
      });
      await page.goto(server.url);
      await expect.poll(() => page.locator('.card-name').allTextContents()).toEqual(['garden.png']);
      const width = (): Promise<number> =>
        page.locator('.card img').evaluate((image) => (image as HTMLImageElement).naturalWidth);
      await expect.poll(width).toBe(64);
      // What threads of WebAssembly need.
      expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
      expect(faults).toEqual([]);
      await page.close();
    });

    test('the policy keeps the page from other hosts and from scripts of others', async () => {
      const page = await context.newPage();
      await page.goto(server.url);
      const refused = await page.evaluate(async () => {
        const directives: string[] = [];
        document.addEventListener('securitypolicyviolation', (event) =>
          directives.push(event.effectiveDirective),
        );
        const script = document.createElement('script');
        script.textContent = 'window.name = "ran"';
        document.head.append(script);
        await fetch('http://127.0.0.1:9/').catch(() => null);
        await new Promise((resolve) => setTimeout(resolve, 100));
        return { directives: directives.sort(), ran: window.name };
      });
      expect(refused).toEqual({ directives: ['connect-src', 'script-src-elem'], ran: '' });
      await page.close();
    });
  },
);
