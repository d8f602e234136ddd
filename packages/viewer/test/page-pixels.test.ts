import type { ResultExplanation, ResultLine } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { expectMap, type ExpectedMap } from './helper/expected-map.ts';
import { useViewer } from './helper/use-viewer.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

const WIDTH = 320;
const HEIGHT = 240;

/** A square crop of the middle: what the scene's model saw. */
const seen = { x: 40, y: 0, width: 240, height: 240 };

/** A shade is a whole number, and the map float32: a value between two shades may become either. */
const SHADE = 1;

/** An image that is taken out of an overlay of half opacity is known to one shade. */
const RECOVERED = 1;

describe.skipIf(skipWithoutChromium())('pixels of the large map', { timeout: 60_000 }, () => {
  let line: ResultLine;

  const inUse = useViewer(async ({ run }) => {
    const scene = await writeScene(run, {
      ...{ image: 'garden.png', width: WIDTH, height: HEIGHT },
      peaks: { cat: [3, 1], dog: [2, 5] },
    });
    const [cat, dog] = scene.explanations as [ResultExplanation, ResultExplanation];
    // Another method's maps: what they show is of no matter, as long as it is another map.
    const others = [cat, dog].map((one, i) => ({
      ...one,
      method: 'layer-cam',
      files: [dog, cat][i]!.files,
      peak: [dog, cat][i]!.peak,
    }));
    line = { ...scene, explanations: [cat, dog, ...others] };
    await writeRun(run, planRun(), [line]);
  });

  beforeEach(async () => {
    await inUse.page.goto(`${inUse.viewer.url}#image=garden.png`);
    await inUse.page.locator('.stage canvas').waitFor();
  });

  async function expectedOf(explanation: ResultExplanation): Promise<ExpectedMap> {
    const npy = await readFile(join(inUse.viewer.run, explanation.files['raw']!));
    return expectMap(npy, 7, 7, seen);
  }

  /** All pixels of the large picture, RGBA. */
  async function pixels(): Promise<Uint8Array> {
    const text = await inUse.page.locator('.stage canvas').evaluate((canvas) => {
      const { width, height } = canvas as HTMLCanvasElement;
      const copy = new OffscreenCanvas(width, height).getContext('2d')!;
      copy.drawImage(canvas as HTMLCanvasElement, 0, 0);
      const { data } = copy.getImageData(0, 0, width, height);
      let letters = '';
      for (const value of data) letters += String.fromCharCode(value);
      return btoa(letters);
    });
    return Buffer.from(text, 'base64');
  }

  const slide = async (name: string, value: number): Promise<void> =>
    inUse.page.getByRole('slider', { name, exact: true }).fill(String(value));

  /** How many pixels are not within what is expected of them: lowest and highest of each channel. */
  async function countWrong(
    expectAt: (x: number, y: number) => readonly (readonly [low: number, high: number])[] | null,
  ): Promise<number> {
    const data = await pixels();
    let wrong = 0;
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const expected = expectAt(x, y);
        if (expected === null) continue;
        const at = 4 * (y * WIDTH + x);
        if (expected.some(([low, high], c) => data[at + c]! < low || data[at + c]! > high)) wrong++;
      }
    }
    return wrong;
  }

  const gray = (low: number, high = low) =>
    [0, 1, 2].map(() => [low - SHADE, high + SHADE] as const);

  test('opacity, gamma and threshold, and the raw map that is below, make every one of them', async () => {
    const map = await expectedOf(line.explanations[0]!);
    await inUse.page.getByRole('combobox', { name: 'Colormap' }).selectOption('gray');
    await slide('Opacity', 1);
    const plain = (x: number, y: number) => {
      const value = map.valueAt(x, y);
      return value === null ? near(sceneAt(x, y), RECOVERED) : gray(value * 255);
    };
    await expect.poll(() => countWrong(plain)).toBe(0);

    await slide('Opacity', 0.3);
    await expect
      .poll(() =>
        countWrong((x, y) => {
          const value = map.valueAt(x, y);
          if (value === null) return near(sceneAt(x, y), RECOVERED);
          const mixed = sceneAt(x, y).map((shade) => 0.7 * shade + 0.3 * 255 * value);
          return near(mixed, RECOVERED + SHADE);
        }),
      )
      .toBe(0);

    await slide('Opacity', 1);
    await slide('Gamma', 0.5);
    const lifted = (x: number, y: number) => {
      const value = map.valueAt(x, y);
      if (value === null) return near(sceneAt(x, y), RECOVERED);
      // Of 256 steps one may be the next: near zero a root makes much of it.
      const [low, high] = [-1, 1].map((step) => 255 * Math.sqrt(Math.max(0, value + step / 255)));
      return gray(low!, high!);
    };
    await expect.poll(() => countWrong(lifted)).toBe(0);

    await slide('Threshold', 0.4);
    await expect
      .poll(() =>
        countWrong((x, y) => {
          const value = map.valueAt(x, y);
          // On the edge itself float32 decides.
          if (value !== null && Math.abs(value - 0.4) < 1e-6) return null;
          return value === null || value < 0.4 ? near(sceneAt(x, y), RECOVERED) : lifted(x, y);
        }),
      )
      .toBe(0);
  });

  test('another class and another method bring their own map', async () => {
    await inUse.page.getByRole('combobox', { name: 'Colormap' }).selectOption('gray');
    await slide('Opacity', 1);
    const shows = async (explanation: ResultExplanation): Promise<void> => {
      const map = await expectedOf(explanation);
      await expect
        .poll(() =>
          countWrong((x, y) => {
            const value = map.valueAt(x, y);
            return value === null ? null : gray(value * 255);
          }),
        )
        .toBe(0);
    };
    const [cat, dog, layerCat] = line.explanations as [
      ResultExplanation,
      ResultExplanation,
      ResultExplanation,
    ];
    await shows(cat);
    await inUse.page.getByRole('radio', { name: 'dog' }).check();
    await shows(dog);
    await inUse.page.getByRole('radio', { name: 'cat' }).check();
    await inUse.page.getByRole('radio', { name: 'LayerCAM' }).check();
    await inUse.page
      .getByRole('img', { name: 'Overlay of garden.png: LayerCAM at block4 for cat' })
      .waitFor();
    await shows(layerCat);
    expect(new URL(inUse.page.url()).hash).not.toBe('');
  });

  // The ends and the middle of matplotlib's tables.
  test.each([
    ['viridis', [68, 1, 84], [253, 231, 37]],
    ['inferno', [0, 0, 4], [252, 255, 164]],
    ['jet', [0, 0, 128], [128, 0, 0]],
  ] as const)('%s runs from its first to its last colour', async (name, first, last) => {
    const map = await expectedOf(line.explanations[0]!);
    await inUse.page.getByRole('combobox', { name: 'Colormap' }).selectOption(name);
    await slide('Opacity', 1);
    await expect
      .poll(() =>
        countWrong((x, y) => {
          const value = map.valueAt(x, y);
          if (value === null || (value > 0 && value < 0.998)) return null;
          return near(value === 0 ? first : last, value === 0 ? 1 : 4);
        }),
      )
      .toBe(0);
  });
});

/** The scene that `writeScene` paints, by its own formula: a sky, a ground, a disc. */
function sceneAt(x: number, y: number): readonly number[] {
  const isDisc = Math.hypot(x - WIDTH * 0.35, y - HEIGHT * 0.45) < HEIGHT * 0.22;
  if (isDisc) return [235, 205, 120];
  if (y > HEIGHT * 0.7) return [105, 130, 85];
  return [Math.trunc(150 - (60 * y) / HEIGHT), Math.trunc(185 - (40 * y) / HEIGHT), 220];
}

function near(shades: readonly number[], tolerance: number): (readonly [number, number])[] {
  return shades.map((shade) => [shade - tolerance, shade + tolerance] as const);
}
