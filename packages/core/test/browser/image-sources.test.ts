import { cpSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../src/node/explain.ts';
import { paintOverlay } from '../../src/explain/paint-overlay.ts';
import { createRandom } from '../helper/random.ts';
import { skipWithoutChromium } from './helper/chromium.ts';
import { pageEngines, startPage, type OpenPage } from './helper/start-page.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const [width, height] = [9, 7];
const random = createRandom(23);
const rgb = Uint8Array.from({ length: width * height * 3 }, () => random() * 256);

/** ONNX Runtime on wasm against tfjs in Node: the sums are in another order. */
const ANOTHER_RUNTIME = 1e-5;

describe.skipIf(skipWithoutChromium())('images in Chromium', () => {
  let started: Awaited<ReturnType<typeof startPage>>;
  let page: OpenPage;
  beforeAll(async () => {
    started = await startPage();
    page = await started.open(pageEngines['tfjs cpu']!);
    const noise = sharp(rgb, { raw: { width, height, channels: 3 } });
    await writeFile(path.join(started.files, 'noise.png'), await noise.png().toBuffer());
    const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');
    await copyFile(scene, path.join(started.files, 'scene.png'));
    cpSync(path.join(root, 'demo/biased'), path.join(started.files, 'biased'), { recursive: true });
  }, 240_000);
  afterAll(() => started?.close());

  test('the pixels of one PNG are the same from every source', async () => {
    const read = await page.call('readEverySource', '/files/noise.png');
    expect(Object.keys(read)).toHaveLength(11);
    for (const [source, pixels] of Object.entries(read)) expect(pixels, source).toEqual([...rgb]);
  });

  test.each(['cpu', 'onnx'] as const)(
    'one call on engine %s: the map of Node, and the overlay',
    async (engine) => {
      const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');
      const model = path.join(root, 'demo/biased');
      const here = await explain(scene, { model, engine: 'cpu', targets: ['cat'] });
      const there = await page.call('explainShort', '/files/biased/', '/files/scene.png', engine);
      const raw = [...here.explanations[0]!.raw.data];
      const largest = Math.max(...raw.map(Math.abs));
      const off = raw.map((value, i) => Math.abs(value - there.map[i]!) / largest);
      expect(Math.max(...off)).toBeLessThanOrEqual(ANOTHER_RUNTIME);
      expect(there.png).toEqual(there.pixels);
      const painted = paintOverlay(here);
      const steps = Array.from(painted.data, (value, i) => {
        const at = 4 * Math.floor(i / 3) + (i % 3);
        return Math.abs(value - there.pixels[at]!);
      });
      // A value of the map that lies between two colours may be rounded to either.
      expect(Math.max(...steps)).toBeLessThanOrEqual(2);
    },
  );

  test('refuses what is no image in one line', async () => {
    expect(await page.call('refuseSource', 'number')).toMatch(/^image: expected a URL.* got .*3/);
    expect(await page.call('refuseSource', 'empty <img>')).toMatch(/this <img> has no file/);
  });
});
