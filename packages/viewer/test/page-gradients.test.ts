import { encodeNpy, encodePng } from '@gradcam/core/node';
import type { ResultLine } from '@gradcam/core';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';
import { useViewer } from './helper/use-viewer.ts';

const [ROWS, COLUMNS] = [6, 8];

/** Values -60 to 83 in a scrambled order: 43 has no common divisor with 144. */
const values = Float32Array.from({ length: ROWS * COLUMNS * 3 }, (_, i) => ((i * 43) % 144) - 60);

/** The 99.5th percentile of the magnitudes, as numpy.percentile defines it. */
function percentileOf(magnitudes: readonly number[]): number {
  const sorted = [...magnitudes].sort((a, b) => a - b);
  const rank = 0.995 * (sorted.length - 1);
  const low = sorted[Math.floor(rank)]!;
  return low + (rank % 1) * (sorted[Math.ceil(rank)]! - low);
}

describe.skipIf(skipWithoutChromium())('a map at pixels', { timeout: 60_000 }, () => {
  const inUse = useViewer(async ({ run }) => {
    const scene = await writeScene(run, {
      ...{ image: 'small.png', width: COLUMNS, height: ROWS },
      peaks: { cat: [3, 1] },
    });
    const [grid] = scene.explanations;
    // Without a stated view, the page finds the map's place from its peak and the size of its cells.
    const peak = Math.floor(values.indexOf(83) / 3);
    const files = { overlay: 'images/small.png/gb.png', raw: 'images/small.png/gb.npy' };
    const black = new Uint8Array(ROWS * COLUMNS * 3);
    const picture = { width: COLUMNS, height: ROWS, channels: 3, data: black } as const;
    await writeFile(join(run, files.overlay), await encodePng(picture));
    const raw = { shape: [ROWS, COLUMNS, 3], data: values };
    await writeFile(join(run, files.raw), encodeNpy(raw));
    const line: ResultLine = {
      ...scene,
      figures: [{ layer: 'block4', targets: [], file: 'images/small.png/figure--block4.png' }],
      explanations: [
        {
          ...grid!,
          ...{
            method: 'guided-backprop',
            layer: 'input',
            grid: [ROWS, COLUMNS],
            relu: false,
            files,
          },
          peak: { x: (peak % COLUMNS) + 0.5, y: Math.floor(peak / COLUMNS) + 0.5 },
          diagnostics: { ...grid!.diagnostics, cellSize: [1, 1] },
          evidence: {
            ...{ deletion: 0.21, randomised: 0.12, rating: 'supported' },
            randomBaseline: { mean: 0.44, least: 0.3, asLow: 0, maps: 19 },
            verdict: 'Supported: deleting it lowers the probability more.',
          },
          scale: { percentile: 99.5, value: percentileOf([...values].map(Math.abs)) },
        },
      ],
    };
    const file = planRun();
    await writeRun(run, { ...file, settings: { ...file.settings, gradients: 'colour' } }, [line]);
  });

  beforeEach(async () => {
    await inUse.page.goto(`${inUse.viewer.url}#image=small.png`);
    await inUse.page.locator('.stage canvas').waitFor();
  });

  async function shades(): Promise<number[]> {
    return inUse.page.locator('.stage canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const copy = new OffscreenCanvas(width, height).getContext('2d')!;
      copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      return [...data].filter((_, i) => i % 4 < 3);
    });
  }

  test('is drawn in its own colours on gray, and in one channel where the reader asks for it', async () => {
    const full = percentileOf([...values].map(Math.abs));
    const coloured = [...values].map((value) =>
      Math.floor(127.5 + 127.5 * Math.max(-1, Math.min(1, value / full)) + 0.5),
    );
    await expect.poll(shades).toEqual(coloured);

    await inUse.page.getByRole('radio', { name: 'Magnitude' }).check();
    await inUse.page.getByRole('radio', { name: 'Heatmap' }).check();
    await inUse.page.getByRole('combobox', { name: 'Colormap' }).selectOption('gray');
    const largest = Array.from({ length: ROWS * COLUMNS }, (_, i) =>
      Math.max(...values.subarray(3 * i, 3 * i + 3).map(Math.abs)),
    );
    const most = percentileOf(largest);
    const gray = largest.flatMap((value) => {
      const shade = Math.round(255 * Math.min(1, value / most));
      return [shade, shade, shade];
    });
    await expect.poll(shades).toEqual(gray);
    await expect.poll(() => new URL(inUse.page.url()).hash).toContain('gradients=magnitude');

    await inUse.page.getByRole('radio', { name: 'Signed' }).check();
    const sums = Array.from(
      { length: ROWS * COLUMNS },
      (_, i) => values[3 * i]! + values[3 * i + 1]! + values[3 * i + 2]!,
    );
    const strongest = percentileOf(sums.map(Math.abs));
    // White at zero; (200, 20, 30) for and (20, 70, 200) against.
    const redAndBlue = sums.flatMap((sum) => {
      const strength = Math.min(1, Math.abs(sum) / strongest);
      const end = sum < 0 ? [20, 70, 200] : [200, 20, 30];
      return end.map((part) => Math.round(255 + (part - 255) * strength));
    });
    await expect
      .poll(async () => {
        const found = await shades();
        // Float32 values may lie on the other side of a half.
        return found.filter((shade, i) => Math.abs(shade - redAndBlue[i]!) > 1).length;
      })
      .toBe(0);
  });

  test('shows the verdict of its evidence with the numbers', async () => {
    const { page } = inUse;
    await page.getByText('Supported: deleting it lowers the probability more.').waitFor();
    const facts = page.locator('.facts');
    await facts.getByText('0.44; 0 of 19 as low').waitFor();
    await facts.getByText('rank correlation 0.12').waitFor();
    const figure = page.getByRole('link', { name: 'Figure of all classes at block4' });
    expect(await figure.getAttribute('href')).toBe('./run/images/small.png/figure--block4.png');
  });

  test('tells its scale, and the three values under the cursor', async () => {
    await inUse.page.getByText('Gray is zero; each colour is its channel').waitFor();
    const { page } = inUse;
    await page.getByText('the 99.5th percentile', { exact: false }).last().waitFor();
    await page.getByRole('group', { name: /^Map;/ }).focus();
    // The first step puts the cursor into the middle of the view: row 3, column 4.
    await page.keyboard.press('ArrowRight');
    const [red, green, blue] = values.subarray((3 * COLUMNS + 4) * 3, (3 * COLUMNS + 5) * 3);
    const expected = [red, green, blue].map((value) =>
      value!.toFixed(Math.abs(value!) >= 10 ? 1 : 2),
    );
    await page.getByText(`row 3, column 4, raw ${expected.join(', ')}`).waitFor();
  });
});
