import type { ResultLine } from '@gradcam/core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { startViewer, watchFaults, type Viewer } from './support/start-viewer.ts';
import { planRun, writeRun, writeScene, type ScenePlan } from './support/synthetic-run.ts';

const scenes: readonly ScenePlan[] = [
  { image: 'scenes/garden.png', width: 320, height: 240, peaks: { cat: [3, 1], dog: [2, 5] } },
  { image: 'scenes/street.png', width: 240, height: 300, peaks: { bicycle: [5, 3] } },
  { image: 'scenes/fog.png', width: 320, height: 240, peaks: { umbrella: null } },
];
const failure = { image: 'scenes/torn.png', error: 'torn.png: the PNG ends too early' };

describe.skipIf(skipWithoutChromium())('the page in Chromium', { timeout: 60_000 }, () => {
  let viewer: Viewer;
  let page: Page;
  let faults: string[];
  const lines: ResultLine[] = [];

  beforeAll(async () => {
    viewer = await startViewer();
    for (const scene of scenes) lines.push(await writeScene(viewer.run, scene));
    await writeRun(viewer.run, planRun(), [...lines, failure]);
  }, 60_000);

  afterAll(async () => {
    await viewer?.close();
  });

  beforeEach(async () => {
    page = await viewer.context.newPage();
    faults = watchFaults(page, viewer.url);
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  async function visibleNames(): Promise<string[]> {
    return page.locator('.card-name').allTextContents();
  }

  test('shows the run and every image with its maps', async () => {
    await page.goto(viewer.url);
    await expect.poll(visibleNames).toEqual(['garden.png', 'street.png', 'fog.png', 'torn.png']);
    expect(await page.locator('h1').textContent()).toBe('demo-resnet');
    expect(await page.title()).toBe('demo-resnet – gradcam');
    expect(await page.locator('.run-summary').textContent()).toMatch(
      /4 images.*1 image failed.*Grad-CAM.*wasm/,
    );
    const widths = (): Promise<number[]> =>
      page
        .locator('.card img')
        .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    await expect.poll(widths).toEqual([320, 320, 240, 320]);
    const garden = await page.locator('.card').first().textContent();
    expect(garden).toContain('cat60.0 %');
    expect(garden).toContain('score 9.12');
    expect(await page.locator('.card', { hasText: 'torn.png' }).textContent()).toContain(
      'the PNG ends too early',
    );
    expect(await page.locator('.card', { hasText: 'fog.png' }).textContent()).toContain(
      'Blank map: all evidence at this layer speaks against the class',
    );
    // Box and peak, one path: on each of the three maps that are not blank.
    const marks = await page
      .locator('.card .mark-over')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
    expect(marks).toHaveLength(3);
    const { box, peak } = lines[0]!.explanations[0]!;
    expect(marks[0]).toContain(`M${box!.x} ${box!.y}h${box!.width}v${box!.height}`);
    expect(marks[0]).toMatch(new RegExp(`M[\\d.]+ ${peak.y}a`));
  });

  test('settings and assumptions are there to look up', async () => {
    await page.goto(viewer.url);
    const details = page.locator('.run-details');
    await details.locator('summary').click();
    expect(await details.textContent()).toContain('pixels are scaled to 0..1');
    expect(await details.textContent()).toContain('turbo');
  });

  test('filters by text and by kind, and keeps both in the address', async () => {
    await page.goto(viewer.url);
    const filter = page.getByRole('searchbox');
    await filter.fill('DOG');
    await expect.poll(visibleNames).toEqual(['garden.png']);
    expect(await page.locator('.toolbar-count').textContent()).toBe('1 of 4 images');
    await expect.poll(() => new URL(page.url()).hash).toBe('#q=DOG');
    await page.reload();
    await expect.poll(visibleNames).toEqual(['garden.png']);
    await filter.fill('zebra');
    await expect.poll(() => page.locator('.grid-empty').textContent()).toContain('No image passes');
    await filter.fill('');
    await page.getByRole('radio', { name: 'Failed 1' }).check();
    await expect.poll(visibleNames).toEqual(['torn.png']);
    await page.getByRole('radio', { name: 'Blank maps 1' }).check();
    await expect.poll(visibleNames).toEqual(['fog.png']);
  });

  test('enlarges a map, switches its picture, steps through the images and closes', async () => {
    await page.goto(viewer.url);
    const opener = page.getByRole('button', {
      name: 'Enlarge Grad-CAM at block4 for dog of garden.png',
    });
    await opener.click();
    const dialog = page.getByRole('dialog', { name: 'garden.png' });
    await dialog
      .getByRole('img', { name: 'Overlay of garden.png: Grad-CAM at block4 for dog' })
      .waitFor();
    await dialog.getByRole('radio', { name: 'Heatmap' }).check();
    await dialog
      .getByRole('img', { name: 'Heatmap of garden.png: Grad-CAM at block4 for dog' })
      .waitFor();
    await dialog.getByRole('radio', { name: 'cat' }).check();
    await dialog
      .getByRole('img', { name: 'Heatmap of garden.png: Grad-CAM at block4 for cat' })
      .waitFor();
    await dialog.getByRole('button', { name: 'Next image' }).click();
    await expect.poll(() => dialogName(page)).toBe('street.png');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => dialogName(page)).toBe('garden.png');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
  });

  test('closing gives the focus back to the map that was enlarged', async () => {
    await page.goto(viewer.url);
    const opener = page.getByRole('button', { name: /for bicycle of street.png/ });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'street.png' }).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toContain('for bicycle of street.png');
  });

  test('a permalink opens the image; back closes it', async () => {
    await page.goto(viewer.url);
    await page.getByRole('button', { name: /for cat of garden.png/ }).click();
    await expect.poll(() => dialogName(page)).toBe('garden.png');
    const link = page.url();
    await page.goBack();
    await expect.poll(() => page.locator('dialog').count()).toBe(0);
    const other = await viewer.context.newPage();
    await other.goto(link);
    await expect.poll(() => dialogName(other)).toBe('garden.png');
    await other.close();
  });

  test('nothing is wider than a phone', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(viewer.url);
    await page.locator('.card').first().waitFor();
    const width = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBeLessThanOrEqual(360);
    const cut = await page
      .locator('.card')
      .evaluateAll((all) => all.filter((card) => card.scrollHeight > card.clientHeight).length);
    expect(cut).toBe(0);
    await page.getByRole('button', { name: /for cat of garden.png/ }).click();
    await page.getByRole('dialog').waitFor();
    expect(await width()).toBeLessThanOrEqual(360);
  });
});

async function dialogName(page: Page): Promise<string | null> {
  return page.locator('dialog h2').textContent();
}
