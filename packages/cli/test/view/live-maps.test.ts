import { cp, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasSharedData, root, sharedData } from '../run-command.ts';
import {
  dropFile,
  mapsOfCommand,
  nets,
  openLiveSite,
  openPage,
  relativeError,
  savedMap,
  scenePath,
  untilExplained,
  type LiveSite,
  type RawMap,
} from './live-page.ts';
import { skipWithoutChromium } from './open-browser.ts';

/**
 * Two right float32 engines differ by about 1e-6 of the map's terms; relative to the map's own
 * largest value, which is smaller than those, this leaves a wide margin.
 */
const TOLERANCE = 1e-4;

const engines = ['onnx', 'wasm', 'webgl'] as const;
const engineNames = { onnx: 'onnx-wasm', wasm: 'tfjs-wasm', webgl: 'tfjs-webgl' } as const;

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

describe.skipIf(skipWithoutChromium())('maps of the live page', { timeout: 180_000 }, () => {
  let site: LiveSite;

  beforeAll(async () => {
    site = await openLiveSite();
  }, 180_000);

  afterAll(async () => {
    await site?.close();
  });

  async function openWith(
    fragment: string,
    image: string,
  ): Promise<{ page: Page; faults: string[] }> {
    const { page, faults } = await openPage(site, 120_000);
    await page.goto(`${site.url}live.html#${fragment}`);
    await dropFile(page, path.basename(image), await readFile(image));
    return { page, faults };
  }

  async function mapOf(page: Page, target: string, label: string): Promise<RawMap> {
    const field = page.getByLabel('Target');
    await field.fill(target);
    await field.press('Enter');
    await untilExplained(page, new RegExp(`for ${label}$`));
    return savedMap(page);
  }

  describe.each(nets)('of %s', (net) => {
    const image = scenePath('cat-and-dog.png');
    let expected: Map<string, RawMap>;
    let boxes: Map<string, Box>;

    beforeAll(async () => {
      const out = path.join(site.folder, `run-${net}`);
      const flags = ['--model', net, '--models', site.models, '--target', 'cat', '--target', 'dog'];
      expected = await mapsOfCommand([image, ...flags], out);
      const scenes = JSON.parse(
        await readFile(path.join(root, 'demo/scenes/scenes.json'), 'utf8'),
      ) as { file: string; objects: { class: string; box: Box }[] }[];
      const { objects } = scenes.find(({ file }) => file === 'cat-and-dog.png')!;
      boxes = new Map(objects.map((object) => [object.class, object.box]));
    });

    test.each(engines)('on %s are those of the command, each on its animal', async (engine) => {
      const { page, faults } = await openWith(`model=${net}&engine=${engine}`, image);
      for (const [index, label] of ['cat', 'dog'].entries()) {
        const map = await mapOf(page, label, label);
        expect(relativeError(map, expected.get(String(index))!)).toBeLessThan(TOLERANCE);
        // The peak, as the centre of the largest cell, in pixels of the scene of 256 x 256.
        const [rows, columns] = map.shape as [number, number];
        const largest = map.data.indexOf(Math.max(...map.data));
        const x = (((largest % columns) + 0.5) / columns) * 256;
        const y = ((Math.floor(largest / columns) + 0.5) / rows) * 256;
        const box = boxes.get(label)!;
        expect(x).toBeGreaterThan(box.x);
        expect(x).toBeLessThan(box.x + box.width);
        expect(y).toBeGreaterThan(box.y);
        expect(y).toBeLessThan(box.y + box.height);
      }
      expect(await page.locator('.engine-name').textContent()).toBe(engineNames[engine]);
      expect(faults).toEqual([]);
      await page.close();
    });
  });

  const mobilenet = 'mobilenet_v1_0.25_224';
  describe.skipIf(!hasSharedData(mobilenet))('of the real MobileNet', () => {
    test.each(engines)('on %s are those of the command', async (engine) => {
      const image = path.join(sharedData, 'images/cat_dog.png');
      const folder = path.join(sharedData, mobilenet);
      await cp(folder, path.join(site.models, mobilenet), { recursive: true });
      const flags = [
        '--model',
        folder,
        '--input-range=-1..1',
        '--target',
        '242',
        '--target',
        '282',
      ];
      const out = path.join(site.folder, `run-mobilenet-${engine}`);
      const expected = await mapsOfCommand([image, ...flags], out);
      const fragment = `model=${mobilenet}&engine=${engine}&range=-1..1`;
      const { page, faults } = await openWith(fragment, image);
      for (const target of ['242', '282']) {
        const map = await mapOf(page, target, `class ${target}`);
        expect(relativeError(map, expected.get(target)!)).toBeLessThan(TOLERANCE);
      }
      expect(faults).toEqual([]);
      await page.close();
    });
  });
});
