import { rm, copyFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';
import { runCommand } from '../run-command.ts';
import { openLiveSite, scenePath, type LiveSite } from './live-page.ts';
import { builtPage, skipWithoutChromium } from './open-browser.ts';

/** An overlay of opacity 1/2 is rounded to whole values: half of one is one in the image. */
const RECOVERED = 1;

describe.skipIf(skipWithoutChromium())(
  'the image below a map of a run',
  { timeout: 120_000 },
  () => {
    let site: LiveSite;
    let server: RunServer;
    let photo: string;

    beforeAll(async () => {
      site = await openLiveSite();
      photo = path.join(site.folder, 'photo.png');
      await copyFile(scenePath('cat-and-dog.png'), photo);
      const run = path.join(site.folder, 'run');
      const { code, stderr } = await runCommand([
        ...['explain', photo, '--model', 'demo-resnet', '--models', site.models],
        ...['--target', 'cat', '--save', 'overlay,raw', '--out', run],
      ]);
      expect(code, stderr).toBe(0);
      server = await serveRun({ run, models: [site.models], page: builtPage });
    }, 180_000);

    afterAll(async () => {
      await server?.close();
      await site?.close();
    });

    /** The largest difference of the page's picture without a map from the scene, of 255. */
    async function differenceOfOriginal(): Promise<number> {
      const page = await site.context.newPage();
      await page.goto(
        `${server.url}#image=${encodeURIComponent(photo)}&picture=original&marks=off`,
      );
      await page.getByRole('img', { name: /^Original of/ }).waitFor();
      const shown = await page.locator('.stage canvas').evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const copy = new OffscreenCanvas(width, height).getContext('2d')!;
        copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
        return [...copy.getImageData(0, 0, width, height).data];
      });
      await page.close();
      const pixels = await sharp(scenePath('cat-and-dog.png')).ensureAlpha().raw().toBuffer();
      expect(shown.length).toBe(pixels.length);
      return shown.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]!)), 0);
    }

    test('opens on the live page, with the model, the layer and the class of the map', async () => {
      const page = await site.context.newPage();
      await page.goto(`${server.url}#image=${encodeURIComponent(photo)}`);
      const run = await page.locator('.enlarged .facts').textContent();
      const layer = /Layer(\S+?)Grid/.exec(run!)![1]!;
      await page.getByRole('link', { name: 'Explain this image live' }).click();
      const live = page.getByRole('img', {
        name: /^photo\.png: Grad-CAM at \S+ for cat$/,
      });
      await live.waitFor();
      expect(await live.getAttribute('aria-label')).toContain(`at ${layer} for cat`);
      const link = new URLSearchParams(new URL(page.url()).hash.slice(1));
      expect(Object.fromEntries(link)).toMatchObject({
        model: 'demo-resnet',
        layer,
        name: 'photo.png',
      });
      await page.close();
    });

    test('is the image itself, and where that is gone, recovered from the overlay', async () => {
      expect(await differenceOfOriginal()).toBe(0);
      await rm(photo);
      const difference = await differenceOfOriginal();
      expect(difference).toBeGreaterThan(0);
      expect(difference).toBeLessThanOrEqual(RECOVERED);
    });
  },
);
