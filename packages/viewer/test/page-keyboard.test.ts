import type { ResultExplanation } from '@gradcam/core';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { startViewer, watchFaults, type Viewer } from './helper/start-viewer.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

/** As a finger on the Tab key would reach anything on the page. */
const MOST_TABS = 60;

describe.skipIf(skipWithoutChromium())('without a mouse', { timeout: 90_000 }, () => {
  let viewer: Viewer;
  let page: Page;

  beforeAll(async () => {
    viewer = await startViewer();
    const size = { width: 320, height: 240 };
    const lines = [];
    for (const [image, peak] of [
      ['garden.png', [3, 1]],
      ['street.png', [1, 5]],
      ['garden-at-night.png', [5, 5]],
    ] as const) {
      const scene = await writeScene(viewer.run, {
        ...{ image, ...size },
        peaks: { cat: peak, dog: [peak[1], peak[0]] },
      });
      const [cat] = scene.explanations as [ResultExplanation];
      const explanations = [...scene.explanations, { ...cat, method: 'layer-cam' }];
      const sure = { ...scene.predictions[0]!, probability: image === 'garden.png' ? 0.4 : 0.9 };
      lines.push({ ...scene, explanations, predictions: [sure, ...scene.predictions.slice(1)] });
    }
    await writeRun(viewer.run, planRun(), [...lines].reverse());
  }, 60_000);

  afterAll(async () => {
    await viewer?.close();
  });

  async function tabTo(target: Locator): Promise<void> {
    await target.waitFor();
    for (let i = 0; i < MOST_TABS; i++) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the Tab key does not reach ${target.toString()}`);
  }

  /** Something on the page shows where the focus is. */
  async function ring(): Promise<string> {
    return page.evaluate(() => {
      const element = document.activeElement!;
      const marked = element.matches('.choice input') ? element.nextElementSibling! : element;
      return getComputedStyle(marked).outlineStyle;
    });
  }

  const press = async (...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const names = (): Promise<string[]> => page.locator('.card-name').allTextContents();

  test('one filters, sorts, opens an image, chooses class, method and colours, compares, reads and goes back', async () => {
    page = await viewer.context.newPage();
    const faults = watchFaults(page, viewer.url);
    await page.goto(viewer.url);
    await expect.poll(names).toEqual(['garden-at-night.png', 'street.png', 'garden.png']);

    await tabTo(page.getByRole('searchbox'));
    await page.keyboard.type('garden');
    await expect.poll(names).toEqual(['garden-at-night.png', 'garden.png']);
    await tabTo(page.getByRole('combobox', { name: 'Order' }));
    expect(await ring()).not.toBe('none');
    await page.keyboard.type('Least');
    await expect.poll(names).toEqual(['garden.png', 'garden-at-night.png']);
    await tabTo(page.getByRole('checkbox', { name: 'Boxes and peaks' }));
    await press('Space');
    await expect.poll(() => page.locator('.card .marks').count()).toBe(0);
    await press('Space');

    const opener = page.getByRole('button', {
      name: 'Enlarge Grad-CAM at block4 for cat of garden.png',
    });
    await tabTo(opener);
    expect(await ring()).not.toBe('none');
    await press('Enter');
    const picture = page.locator('.stage canvas').first();
    const label = (): Promise<string | null> => picture.getAttribute('aria-label');
    await expect.poll(label).toBe('Overlay of garden.png: Grad-CAM at block4 for cat');

    // Arrow keys move within a group of buttons.
    await tabTo(page.getByRole('radio', { name: 'cat', exact: true }));
    expect(await ring()).not.toBe('none');
    await press('ArrowRight');
    await expect.poll(label).toContain('Grad-CAM at block4 for dog');
    await press('ArrowLeft');
    await tabTo(page.getByRole('radio', { name: 'Grad-CAM', exact: true }));
    await press('ArrowRight');
    await expect.poll(label).toContain('LayerCAM at block4 for cat');

    await tabTo(page.getByRole('combobox', { name: 'Colormap' }));
    await page.keyboard.type('gray');
    const shade = (): Promise<number[]> =>
      picture.evaluate((canvas) => {
        const copy = new OffscreenCanvas(1, 1).getContext('2d')!;
        copy.drawImage(canvas as HTMLCanvasElement, -91, -120);
        return [...copy.getImageData(0, 0, 1, 1).data];
      });
    await tabTo(page.getByRole('slider', { name: 'Opacity', exact: true }));
    await press('End');
    // The cell of the peak, and the map alone: white.
    await expect.poll(async () => Math.min(...(await shade()))).toBeGreaterThan(250);
    await tabTo(page.getByRole('slider', { name: 'Threshold', exact: true }));
    await press('ArrowRight', 'ArrowRight');
    await expect.poll(() => new URL(page.url()).hash).toContain('threshold=0.1');

    // The keys that are listed do the same from anywhere.
    await press('s');
    await page.locator('.swipe-names').waitFor();
    await tabTo(page.getByRole('slider', { name: 'Swipe position' }));
    await press('Home');
    await expect.poll(() => new URL(page.url()).hash).toContain('swipe=0');
    await press('s');
    await tabTo(page.locator('.stage-picture').first());
    expect(await ring()).not.toBe('none');
    await press('ArrowRight', 'ArrowDown');
    await expect.poll(() => page.locator('.reading').textContent()).toMatch(/row 4, column 3, raw/);
    await press('m');
    await tabTo(page.getByRole('button', { name: 'Show Grad-CAM at block4 for dog' }));
    await press('Enter');
    await expect.poll(label).toContain('Grad-CAM at block4 for dog');

    await tabTo(page.getByRole('button', { name: 'Next image' }));
    await press('Enter');
    await expect.poll(() => page.locator('dialog h2').textContent()).toBe('garden-at-night.png');
    await press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('BUTTON');
    expect(faults).toEqual([]);
    await page.close();
  });
});
