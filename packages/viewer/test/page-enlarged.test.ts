import { createDisplayMap, fitImage, type ResultLine } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseRawMap } from '../src/map/raw-map.ts';
import { explanationKey } from '../src/state/select.ts';
import { skipWithoutChromium } from './helper/chromium.ts';
import { useViewer } from './helper/use-viewer.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

describe.skipIf(skipWithoutChromium())('an enlarged image', { timeout: 60_000 }, () => {
  let line: ResultLine;

  const inUse = useViewer(async ({ run }) => {
    line = await writeScene(run, {
      image: 'garden.png',
      width: 320,
      height: 240,
      peaks: { cat: [3, 1], dog: [2, 5], umbrella: null },
    });
    await writeRun(run, planRun(), [line]);
  });

  async function open(state = ''): Promise<void> {
    await inUse.page.goto(`${inUse.viewer.url}#image=garden.png${state}`);
    await inUse.page.locator('.stage canvas, .matrix canvas').first().waitFor();
  }

  /** The colour of the nth large picture at a pixel of the image. */
  async function colourAt(x: number, y: number, nth = 0): Promise<number[]> {
    return inUse.page
      .locator('.stage canvas')
      .nth(nth)
      .evaluate(
        (canvas, [left, top]) => {
          const options = { willReadFrequently: true } as const;
          const copy = new OffscreenCanvas(1, 1).getContext('2d', options)!;
          copy.drawImage(canvas as HTMLCanvasElement, -left, -top);
          return [...copy.getImageData(0, 0, 1, 1).data];
        },
        [x, y] as const,
      );
  }

  async function slide(name: string, value: number): Promise<void> {
    await inUse.page.getByRole('slider', { name, exact: true }).fill(String(value));
  }

  // The sky of the scene at (200, 20): a place that the map hardly touches.
  const sky = [145, 182, 220, 255];

  test('draws the overlay from the raw map as the run did', async () => {
    await open();
    const saved = `${inUse.viewer.url}run/${line.explanations[0]!.files['overlay']}`;
    const different = await inUse.page.evaluate(async (address) => {
      const read = (source: CanvasImageSource): Uint8ClampedArray => {
        const copy = new OffscreenCanvas(320, 240).getContext('2d', { willReadFrequently: true })!;
        copy.drawImage(source, 0, 0);
        return copy.getImageData(0, 0, 320, 240).data;
      };
      const picture = read(await createImageBitmap(await (await fetch(address)).blob()));
      const canvas = document.querySelector<HTMLCanvasElement>('.stage canvas')!;
      return read(canvas).filter((value, i) => value !== picture[i]).length;
    }, saved);
    expect(different).toBe(0);
  });

  test('without opacity the image itself is there, to the rounding of its overlay', async () => {
    await open();
    await slide('Opacity', 0);
    const near = (colour: number[]): boolean =>
      colour.every((value, i) => Math.abs(value - sky[i]!) <= 1);
    await expect.poll(async () => near(await colourAt(200, 20))).toBe(true);
    await inUse.page.getByRole('radio', { name: 'Original' }).check();
    await expect.poll(async () => near(await colourAt(200, 20))).toBe(true);
  });

  test('colormap, opacity, threshold and gamma change the pixels as computed', async () => {
    await open();
    const [explanation] = line.explanations;
    const bytes = Uint8Array.from(
      await readFile(join(inUse.viewer.run, explanation!.files['raw']!)),
    );
    const geometry = fitImage(line, { width: 224, height: 224, fit: 'crop', cropFraction: 1 });
    const map = createDisplayMap(parseRawMap(bytes.buffer), true, geometry);
    const gray = async (x: number, y: number, gamma: number): Promise<void> => {
      const step = Math.round(map.values[y * line.width + x]! * 255);
      const shade = Math.round((step / 255) ** gamma * 255);
      await expect.poll(() => colourAt(x, y)).toEqual([shade, shade, shade, 255]);
    };
    await inUse.page.getByRole('combobox', { name: 'Colormap' }).selectOption('gray');
    await slide('Opacity', 1);
    await gray(91, 120, 1);
    await gray(200, 120, 1);
    await slide('Gamma', 0.5);
    await gray(200, 120, 0.5);
    await slide('Threshold', 0.9);
    await gray(91, 120, 0.5);
    // Below the threshold the image is left, and it is not gray.
    const [red, green, blue] = await colourAt(200, 120);
    expect(red === green && green === blue).toBe(false);
    await inUse.page.getByRole('button', { name: 'Back to how the run was made' }).click();
    await expect.poll(() => new URL(inUse.page.url()).hash).toBe('#image=garden.png');
  });

  test('the value under the pointer is told, and the arrow keys go from cell to cell', async () => {
    await open();
    const { peak } = line.explanations[0]!;
    const stage = inUse.page.locator('.stage-picture');
    const { width, height } = (await stage.boundingBox())!;
    await stage.hover({ position: { x: (peak.x / 320) * width, y: (peak.y / 240) * height } });
    const reading = (): Promise<string | null> => inUse.page.locator('.reading').textContent();
    await expect.poll(reading).toMatch(/row 3, column 1, raw 1\.40, shown (100|99\.\d) %/);
    await stage.focus();
    await inUse.page.keyboard.press('ArrowRight');
    await expect.poll(reading).toContain('row 3, column 2, raw 0.90');
    await inUse.page.keyboard.press('ArrowUp');
    await expect.poll(reading).toContain('row 2, column 2');
    // Left of the crop the model saw nothing.
    await stage.hover({ position: { x: 2, y: height / 2 } });
    await expect.poll(reading).toContain('outside the part that the model saw');
  });

  test('the true cells stand beside the smooth map', async () => {
    await open('&compare=side&with=cells');
    await expect.poll(() => inUse.page.locator('.stage canvas').count()).toBe(2);
    const { peak } = line.explanations[0]!;
    const [cellWidth] = line.explanations[0]!.diagnostics.cellSize;
    const [x, y] = [Math.floor(peak.x), Math.floor(peak.y)];
    // In a cell the colour is one, though the image below differs little there.
    const nearEdge = Math.floor(x + cellWidth * 0.4);
    await slide('Opacity', 1);
    await expect
      .poll(async () => (await colourAt(nearEdge, y, 1)).join())
      .toBe((await colourAt(x, y, 1)).join());
    expect(await colourAt(nearEdge, y, 0)).not.toEqual(await colourAt(x, y, 0));
    await inUse.page.locator('.stage-picture').first().hover();
    // Box and peak, and the value cursor, in both: each in dark and in light.
    await expect.poll(() => inUse.page.locator('.stage path').count()).toBe(8);
  });

  test('a swipe uncovers another map, by slider and by dragging', async () => {
    await open('&compare=swipe');
    const key = explanationKey(line.explanations[1]!);
    await inUse.page.getByRole('combobox', { name: 'Second' }).selectOption(key);
    const clip = (): Promise<string> =>
      inUse.page
        .locator('.map-layer')
        .nth(1)
        .evaluate((layer) => getComputedStyle(layer).clipPath);
    await expect.poll(clip).toBe('inset(0px 0px 0px 50%)');
    await inUse.page.getByRole('slider', { name: /Swipe position/ }).fill('0.25');
    await expect.poll(clip).toBe('inset(0px 0px 0px 25%)');
    const box = (await inUse.page.locator('.stage-picture').boundingBox())!;
    await inUse.page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await inUse.page.mouse.down();
    await inUse.page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2, { steps: 4 });
    await inUse.page.mouse.up();
    await expect.poll(clip).toMatch(/inset\(0px 0px 0px (79|80)/);
    // Both maps are read at once.
    await expect
      .poll(() => inUse.page.locator('.reading').textContent())
      .toMatch(/cat: row.*dog: row/);
  });

  test('all maps of the image stand in one table; one opens on a click', async () => {
    await open();
    await inUse.page.getByRole('radio', { name: 'All maps' }).check();
    const cells = inUse.page.locator('.matrix-cell');
    await expect.poll(() => cells.count()).toBe(3);
    expect(await inUse.page.locator('.matrix th[scope=col]').allTextContents()).toEqual([
      'cat60.0 %',
      'dog30.0 %',
      'umbrella15.0 %',
    ]);
    await inUse.page
      .getByRole('button', { name: 'Show Grad-CAM at block4 for umbrella, blank' })
      .click();
    await inUse.page.getByRole('img', { name: /Overlay of garden.png: .* for umbrella/ }).waitFor();
    expect(await inUse.page.locator('.enlarged-side').textContent()).toContain('Blank map:');
  });

  test('a click on a prediction goes to the map of that class', async () => {
    await open();
    await inUse.page.getByRole('button', { name: 'Show the map for dog' }).click();
    await inUse.page.getByRole('img', { name: /for dog/ }).waitFor();
    expect(await inUse.page.locator('.bar-target').textContent()).toContain('dog');
  });

  test('a permalink brings everything back after a reload', async () => {
    await open();
    await inUse.page.getByRole('radio', { name: 'dog' }).check();
    await inUse.page.getByRole('combobox', { name: 'Colormap' }).selectOption('viridis');
    await slide('Threshold', 0.4);
    await inUse.page.getByRole('radio', { name: 'Swipe' }).check();
    await expect.poll(() => inUse.page.url()).toContain('compare=swipe');
    const before = await colourAt(100, 100);
    await inUse.page.reload();
    await inUse.page.locator('.stage canvas').nth(1).waitFor();
    expect(await inUse.page.getByRole('radio', { name: 'dog' }).isChecked()).toBe(true);
    expect(await inUse.page.getByRole('combobox', { name: 'Colormap' }).inputValue()).toBe(
      'viridis',
    );
    expect(await inUse.page.getByRole('slider', { name: 'Threshold' }).inputValue()).toBe('0.4');
    await expect.poll(() => colourAt(100, 100)).toEqual(before);
  });

  test('the keyboard alone opens an image, changes everything and goes back', async () => {
    await inUse.page.goto(inUse.viewer.url);
    const opener = inUse.page.getByRole('button', { name: /for cat of garden.png/ });
    await opener.waitFor();
    for (let i = 0; i < 12; i++) {
      if (await opener.evaluate((button) => button === document.activeElement)) break;
      await inUse.page.keyboard.press('Tab');
    }
    await inUse.page.keyboard.press('Enter');
    await inUse.page.locator('.stage canvas').waitFor();
    const label = (): Promise<string | null> =>
      inUse.page.locator('.stage canvas').first().getAttribute('aria-label');
    await inUse.page.keyboard.press('h');
    await expect.poll(label).toContain('Heatmap');
    await inUse.page.keyboard.press('n');
    await expect.poll(label).toContain('for dog');
    await inUse.page.keyboard.press('c');
    await expect.poll(label).toContain('Cells');
    await inUse.page.keyboard.press(']');
    await expect
      .poll(() => inUse.page.getByRole('slider', { name: 'Threshold' }).inputValue())
      .toBe('0.05');
    await inUse.page.keyboard.press('m');
    await inUse.page.locator('.matrix').waitFor();
    await inUse.page.keyboard.press('m');
    await inUse.page.keyboard.press('v');
    await expect.poll(() => inUse.page.locator('.stage').count()).toBe(2);
    await inUse.page.keyboard.press('Escape');
    await expect.poll(() => inUse.page.locator('dialog').count()).toBe(0);
    expect(await opener.evaluate((button) => button === document.activeElement)).toBe(true);
  });
});
