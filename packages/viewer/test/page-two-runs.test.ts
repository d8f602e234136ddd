import { createDisplayMap, fitImage, type ResultLine } from '@gradcam/core';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { parseRawMap } from '../src/map/raw-map.ts';
import { skipWithoutChromium } from './helper/chromium.ts';
import { useViewer } from './helper/use-viewer.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

describe.skipIf(skipWithoutChromium())('a run beside another', { timeout: 60_000 }, () => {
  let lines: ResultLine[];

  const inUse = useViewer(async ({ run }) => {
    const against = join(dirname(run), 'against');
    const garden = { image: 'garden.png', width: 320, height: 240 };
    lines = [
      await writeScene(run, { ...garden, peaks: { cat: [3, 1] } }),
      await writeScene(against, { ...garden, peaks: { cat: [3, 5] } }),
    ];
    const [own, other] = lines as [ResultLine, ResultLine];
    // The other model is sure of another class.
    const predictions = [other.predictions[1]!, { ...other.predictions[0]!, probability: 0.1 }];
    const same = { ...own, image: 'same.png', sha256: 'ef'.repeat(32) };
    await writeRun(run, planRun(), [same, own]);
    const plan = planRun();
    const model = { ...plan.model, id: 'demo-vgg' };
    await writeRun(against, { ...plan, model }, [{ ...other, predictions }, same]);
  });

  const names = (): Promise<string[]> => inUse.page.locator('.card-name').allTextContents();

  test('tells where the first class differs, and finds these images', async () => {
    await inUse.page.goto(inUse.viewer.url);
    await expect.poll(names).toEqual(['same.png', 'garden.png']);
    await expect
      .poll(() => inUse.page.locator('.run-header').textContent())
      .toContain(
        'Compared with the run of demo-vgg: 2 images in both, the top class differs for 1',
      );
    expect(await inUse.page.locator('.card').nth(1).textContent()).toContain('other run: dog');
    await inUse.page.getByRole('combobox', { name: 'Order' }).selectOption('score-drop');
    await expect.poll(names).toEqual(['garden.png', 'same.png']);
    await inUse.page.getByRole('radio', { name: 'Changed 1' }).check();
    await expect.poll(names).toEqual(['garden.png']);
  });

  test('draws the difference of the two maps, red where this run has more', async () => {
    await inUse.page.goto(`${inUse.viewer.url}#image=garden.png`);
    await inUse.page.locator('.stage canvas').waitFor();
    await inUse.page.keyboard.press('d');
    await inUse.page.getByRole('slider', { name: 'Opacity', exact: true }).fill('1');
    await inUse.page.getByText('red: more in').waitFor();
    expect(await inUse.page.locator('.difference-names').textContent()).toContain(
      'blue: more in Grad-CAM at block4 for cat in the run of demo-vgg',
    );
    const geometry = fitImage(lines[0]!, { width: 224, height: 224, fit: 'crop', cropFraction: 1 });
    const [own, other] = await Promise.all(
      [inUse.viewer.run, join(dirname(inUse.viewer.run), 'against')].map(async (run, i) => {
        const file = lines[i]!.explanations[0]!.files['raw']!;
        const bytes = Uint8Array.from(await readFile(join(run, file)));
        return createDisplayMap(parseRawMap(bytes.buffer), true, geometry).values;
      }),
    );
    // Where the difference is whole the image does not show through: red, and blue.
    for (const [x, y] of [
      [74, 120],
      [246, 120],
    ] as const) {
      const share = own![y * 320 + x]! - other![y * 320 + x]!;
      const [red, green, blue] = share > 0 ? [200, 20, 30] : [20, 70, 200];
      const expected = (colour: readonly number[]): boolean => {
        const gray = (colour[0]! - red! * Math.abs(share)) / (1 - Math.abs(share) + 1e-9);
        const mix = (part: number): number => part * Math.abs(share) + gray * (1 - Math.abs(share));
        // One step for the rounding of each of gray and mix.
        return [green!, blue!].every((part, c) => Math.abs(colour[c + 1]! - mix(part)) <= 2);
      };
      expect(Math.abs(share)).toBeGreaterThan(0.5);
      await expect
        .poll(async () => expected(await colourAt(inUse.page, x, y)), { message: `${x}, ${y}` })
        .toBe(true);
    }
    await expect.poll(() => inUse.page.url()).toContain('compare=difference');
    await inUse.page.reload();
    await inUse.page.locator('.difference-names').waitFor();
    await inUse.page.getByRole('radio', { name: 'Swipe' }).check();
    await expect
      .poll(() => inUse.page.locator('.swipe-names').textContent())
      .toContain('in the run of demo-vgg');
  });
});

async function colourAt(page: Page, x: number, y: number): Promise<number[]> {
  return page.locator('.stage canvas').evaluate(
    (canvas, [left, top]) => {
      const options = { willReadFrequently: true } as const;
      const copy = new OffscreenCanvas(1, 1).getContext('2d', options)!;
      copy.drawImage(canvas as HTMLCanvasElement, -left, -top);
      return [...copy.getImageData(0, 0, 1, 1).data];
    },
    [x, y] as const,
  );
}
