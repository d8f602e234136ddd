import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { root, runCommand } from '../run-command.ts';
import {
  openLiveSite,
  openPage,
  relativeError,
  savedMap,
  scenePath,
  tabTo,
  readMap,
  untilExplained,
  type LiveSite,
} from './live-page.ts';
import { skipWithoutChromium } from './open-browser.ts';

/** Two right float32 engines differ by about 1e-6; this leaves a wide margin. */
const TOLERANCE = 1e-4;

interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

describe.skipIf(skipWithoutChromium())('edits on the live page', { timeout: 120_000 }, () => {
  let site: LiveSite;
  let page: Page;
  let faults: string[];
  let dog: Rectangle;

  beforeAll(async () => {
    site = await openLiveSite();
    const scenes = JSON.parse(
      await readFile(path.join(root, 'demo/scenes/scenes.json'), 'utf8'),
    ) as { file: string; objects: { class: string; box: Rectangle }[] }[];
    const scene = scenes.find(({ file }) => file === 'cat-and-dog.png')!;
    dog = scene.objects.find((object) => object.class === 'dog')!.box;
  }, 180_000);

  afterAll(async () => {
    await site?.close();
  });

  beforeEach(async () => {
    ({ page, faults } = await openPage(site));
    await page.goto(`${site.url}live.html#engine=wasm&model=demo-resnet&sample=cat-and-dog`);
    await untilExplained(page, /^cat-and-dog\.png: Grad-CAM at block3 for dog$/);
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const button = (name: string) => page.getByRole('button', { name, exact: true });

  async function placePatch({ x, y, width, height }: Rectangle): Promise<void> {
    for (const [label, value] of [
      ['Left', x],
      ['Top', y],
      ['Width', width],
      ['Height', height],
    ] as const) {
      await page.getByLabel(label, { exact: true }).fill(String(value));
    }
  }

  const fieldsOf = async (): Promise<number[]> =>
    page
      .locator('.patch-fields input')
      .evaluateAll((all) => all.map((one) => Number((one as HTMLInputElement).value)));

  /** The numbers of the comparison: rows of unedited and edited, without rounding. */
  const numbers = async (): Promise<number[][]> =>
    page
      .locator('.edit-effect tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.querySelectorAll('data')].map(({ value }) => Number(value))),
      );

  /** The edited image as the page saves it: the file, and its pixels. */
  async function savedImage(): Promise<{ file: string; pixels: Buffer }> {
    const saved = page.waitForEvent('download');
    await button('Save edited image').click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe('cat-and-dog-edited.png');
    const file = path.join(site.folder, 'cat-and-dog-edited.png');
    await download.saveAs(file);
    return { file, pixels: await sharp(file).removeAlpha().raw().toBuffer() };
  }

  async function byCommand(image: string): Promise<{
    score: number;
    probability: number;
    raw: string;
  }> {
    const out = path.join(site.folder, `run-${path.basename(image)}`);
    const flags = ['--model', 'demo-resnet', '--models', site.models, '--target', 'dog'];
    const saved = ['--save', 'raw', '--json', '--out', out];
    const { code, stdout, stderr } = await runCommand(['explain', image, ...flags, ...saved]);
    if (code !== 0) throw new Error(stderr);
    const [explanation] = (
      JSON.parse(stdout) as {
        explanations: {
          score: number;
          diagnostics: { probability: number };
          files: { raw: string };
        }[];
      }
    ).explanations;
    const { score, diagnostics, files } = explanation!;
    return { score, probability: diagnostics.probability, raw: path.join(out, files.raw) };
  }

  /** The name under which the picture is saved. */
  const savedName = async (): Promise<string> => {
    const saved = page.waitForEvent('download');
    await button('Save picture').click();
    return (await saved).suggestedFilename();
  };

  test('without the dog, the score of dog falls to that of the command for the same picture', async () => {
    const unedited = await savedMap(page);
    await button('Edit the image …').click();
    await placePatch(dog);
    await button('Erase to mean').click();
    await untilExplained(page, /^cat-and-dog\.png, edited: Grad-CAM at block3 for dog$/);
    const map = await savedMap(page);
    const { file, pixels } = await savedImage();
    const original = await sharp(scenePath('cat-and-dog.png')).removeAlpha().raw().toBuffer();
    const mean = [0, 1, 2].map((c) => {
      const values = original.filter((_, i) => i % 3 === c);
      return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
    });
    const expected = original.map((value, i) => {
      const [x, y] = [Math.floor(i / 3) % 256, Math.floor(i / 3 / 256)];
      const isInside = x >= dog.x && x < dog.x + dog.width && y >= dog.y && y < dog.y + dog.height;
      return isInside ? mean[i % 3]! : value;
    });
    expect(Buffer.from(pixels).equals(Buffer.from(expected))).toBe(true);

    const [before, after] = [await byCommand(scenePath('cat-and-dog.png')), await byCommand(file)];
    const [scores, chances] = await numbers();
    expect(Math.abs(scores![0]! - before.score)).toBeLessThan(TOLERANCE * Math.abs(before.score));
    expect(Math.abs(scores![1]! - after.score)).toBeLessThan(TOLERANCE * Math.abs(before.score));
    expect(Math.abs(chances![0]! - before.probability)).toBeLessThan(TOLERANCE);
    expect(Math.abs(chances![1]! - after.probability)).toBeLessThan(TOLERANCE);
    expect(relativeError(map, await readMap(after.raw))).toBeLessThan(TOLERANCE);
    expect(after.score).toBeLessThan(before.score - 1);
    expect(after.probability).toBeLessThan(before.probability / 2);

    // Both maps can be looked at, and their difference.
    await page.getByRole('radio', { name: 'Unedited' }).check();
    await untilExplained(page, /^cat-and-dog\.png, unedited: Grad-CAM at block3 for dog$/);
    expect((await savedMap(page)).data).toEqual(unedited.data);
    expect(await savedName()).toBe('grad-cam--block3--dog--unedited.png');
    await page.getByRole('radio', { name: 'Difference' }).check();
    await page.getByRole('img', { name: /^Difference of the maps/ }).waitFor();
    expect(await savedName()).toBe('grad-cam--block3--dog--difference.png');
    expect(await button('Save raw map').count()).toBe(0);

    await button('Undo').click();
    await untilExplained(page, /^cat-and-dog\.png: Grad-CAM at block3 for dog$/);
    expect((await savedMap(page)).data).toEqual(unedited.data);
    expect(await page.locator('.edit-effect').count()).toBe(0);
  });

  test('another class and another method are compared too; another image has no edits', async () => {
    await button('Edit the image …').click();
    await placePatch(dog);
    await button('Blur').click();
    await untilExplained(page, /edited: .* for dog$/);
    await page.getByLabel('Target').fill('cat');
    await page.getByLabel('Target').press('Enter');
    await untilExplained(page, /edited: Grad-CAM at block3 for cat$/);
    await expect.poll(() => page.locator('.edit-effect').textContent()).toContain('Score of cat');
    const [scores] = await numbers();
    // The cat itself is not touched, and the dog competes with it no more.
    expect(scores![1]! - scores![0]!).toBeGreaterThan(-1);
    await page.getByLabel('Method').selectOption('layer-cam');
    await untilExplained(page, /edited: LayerCAM at block3 for cat$/);
    expect((await numbers())[0]).toEqual(scores);
    await button('Sample image: Garden').click();
    await untilExplained(page, /^garden\.png: /);
    expect(await page.locator('.edit-effect, .edit-list').count()).toBe(0);
  });

  test('the pointer draws a patch and moves it', async () => {
    await button('Edit the image …').click();
    const selector = page.locator('.patch-selector');
    const { x, y, width, height } = (await selector.boundingBox())!;
    const drag = async (
      from: readonly [number, number],
      to: readonly [number, number],
    ): Promise<void> => {
      await page.mouse.move(x + from[0] * width, y + from[1] * height);
      await page.mouse.down();
      await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 4 });
      await page.mouse.up();
    };
    // From the lower right corner to the upper left one; a pixel more or less lies under the pointer.
    await drag([0.75, 0.75], [0.5, 0.25]);
    const drawn = await fieldsOf();
    [128, 64, 64, 128].forEach((value, i) => {
      expect(Math.abs(drawn[i]! - value)).toBeLessThanOrEqual(1);
    });
    await button('Move …').click();
    await drag([0.6, 0.5], [0.35, 0.6]);
    await button('Put it here').click();
    await untilExplained(page, /edited: .* for dog$/);
    const moved = await fieldsOf();
    expect(Math.abs(moved[0]! - (drawn[0]! - 64))).toBeLessThanOrEqual(1);
    expect(Math.abs(moved[1]! - (drawn[1]! + 26))).toBeLessThanOrEqual(1);
    const { pixels } = await savedImage();
    const original = await sharp(scenePath('cat-and-dog.png')).removeAlpha().raw().toBuffer();
    const at = (data: Buffer, left: number, top: number): number[] => [
      ...data.subarray(3 * (256 * top + left), 3 * (256 * top + left) + 3),
    ];
    expect(at(pixels, moved[0]! + 30, moved[1]! + 70)).toEqual(
      at(original, drawn[0]! + 30, drawn[1]! + 70),
    );
  });

  test('the keyboard alone chooses a patch, moves it, erases it and undoes all', async () => {
    await tabTo(page, 'Edit the image', 'button');
    await page.keyboard.press('Enter');
    // The button is gone, and the patch has the focus.
    await page.locator('.patch-selector:focus').waitFor();
    const first = await fieldsOf();
    // A step is a 64th of 256 pixels.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Shift+ArrowDown');
    expect(await fieldsOf()).toEqual([first[0]! + 8, first[1]! - 4, first[2], first[3]! + 4]);
    await tabTo(page, 'Move …', 'button');
    await page.keyboard.press('Enter');
    await page.locator('.patch-selector-moving:focus').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Escape');
    expect(await page.locator('.edit-list').count()).toBe(0);
    await tabTo(page, 'Erase to gray', 'button');
    await page.keyboard.press('Enter');
    await untilExplained(page, /edited: .* for dog$/);
    expect(await page.locator('.edit-list').textContent()).toContain('filled with gray');
    await tabTo(page, 'Undo all', 'button');
    await page.keyboard.press('Enter');
    await untilExplained(page, /^cat-and-dog\.png: .* for dog$/);
  });
});
