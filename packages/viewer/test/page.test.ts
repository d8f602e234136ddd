import type { ResultLine } from '@gradcam/core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { useViewer } from './helper/use-viewer.ts';
import { planRun, writeRun, writeScene, type ScenePlan } from './helper/synthetic-run.ts';

const scenes: readonly ScenePlan[] = [
  { image: 'scenes/garden.png', width: 320, height: 240, peaks: { cat: [3, 1], dog: [2, 5] } },
  { image: 'scenes/street.png', width: 240, height: 300, peaks: { bicycle: [5, 3] } },
  { image: 'scenes/fog.png', width: 320, height: 240, peaks: { umbrella: null } },
];
const failure = { image: 'scenes/torn.png', error: 'torn.png: the PNG ends too early' };

describe.skipIf(skipWithoutChromium())('the page in Chromium', { timeout: 60_000 }, () => {
  const lines: ResultLine[] = [];

  const inUse = useViewer(async ({ run }) => {
    for (const scene of scenes) lines.push(await writeScene(run, scene));
    await writeRun(run, planRun(), [...lines, failure]);
  });

  async function visibleNames(): Promise<string[]> {
    return inUse.page.locator('.card-name').allTextContents();
  }

  test('shows the run and every image with its maps', async () => {
    await inUse.page.goto(inUse.viewer.url);
    await expect.poll(visibleNames).toEqual(['garden.png', 'street.png', 'fog.png', 'torn.png']);
    expect(await inUse.page.locator('h1').textContent()).toBe('demo-resnet');
    expect(await inUse.page.title()).toBe('demo-resnet – gradcam');
    expect(await inUse.page.locator('.run-summary').textContent()).toMatch(
      /4 images.*1 image failed.*Grad-CAM.*wasm/,
    );
    const widths = (): Promise<number[]> =>
      inUse.page
        .locator('.card img')
        .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    await expect.poll(widths).toEqual([320, 320, 240, 320]);
    const garden = await inUse.page.locator('.card').first().textContent();
    expect(garden).toContain('cat60.0 %');
    expect(garden).toContain('score 9.12');
    expect(await inUse.page.locator('.card', { hasText: 'torn.png' }).textContent()).toContain(
      'the PNG ends too early',
    );
    expect(await inUse.page.locator('.card', { hasText: 'fog.png' }).textContent()).toContain(
      'Blank map: all evidence at this layer speaks against the class',
    );
    // Box and peak, one path: on each of the three maps that are not blank.
    const marks = await inUse.page
      .locator('.card .mark-over')
      .evaluateAll((paths) => paths.map((path) => path.getAttribute('d')));
    expect(marks).toHaveLength(3);
    const { box, peak } = lines[0]!.explanations[0]!;
    expect(marks[0]).toContain(`M${box!.x} ${box!.y}h${box!.width}v${box!.height}`);
    expect(marks[0]).toMatch(new RegExp(`M[\\d.]+ ${peak.y}a`));
  });

  test('settings and assumptions are there to look up', async () => {
    await inUse.page.goto(inUse.viewer.url);
    const details = inUse.page.locator('.run-details');
    await details.locator('summary').click();
    expect(await details.textContent()).toContain('pixels are scaled to 0..1');
    expect(await details.textContent()).toContain('turbo');
  });

  test('filters by text and by kind, and keeps both in the address', async () => {
    await inUse.page.goto(inUse.viewer.url);
    const filter = inUse.page.getByRole('searchbox');
    await filter.fill('DOG');
    await expect.poll(visibleNames).toEqual(['garden.png']);
    expect(await inUse.page.locator('.toolbar-count').textContent()).toBe('1 of 4 images');
    await expect.poll(() => new URL(inUse.page.url()).hash).toBe('#q=DOG');
    await inUse.page.reload();
    await expect.poll(visibleNames).toEqual(['garden.png']);
    await filter.fill('zebra');
    await expect
      .poll(() => inUse.page.locator('.grid-empty').textContent())
      .toContain('No image passes');
    await filter.fill('');
    await inUse.page.getByRole('radio', { name: 'Failed 1' }).check();
    await expect.poll(visibleNames).toEqual(['torn.png']);
    await inUse.page.getByRole('radio', { name: 'Blank maps 1' }).check();
    await expect.poll(visibleNames).toEqual(['fog.png']);
  });

  test('enlarges a map, switches its picture, steps through the images and closes', async () => {
    await inUse.page.goto(inUse.viewer.url);
    const opener = inUse.page.getByRole('button', {
      name: 'Enlarge Grad-CAM at block4 for dog of garden.png',
    });
    await opener.click();
    const dialog = inUse.page.getByRole('dialog', { name: 'garden.png' });
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
    await expect.poll(() => dialogName(inUse.page)).toBe('street.png');
    await inUse.page.keyboard.press('ArrowLeft');
    await expect.poll(() => dialogName(inUse.page)).toBe('garden.png');
    await inUse.page.keyboard.press('Escape');
    await expect.poll(() => inUse.page.locator('dialog').count()).toBe(0);
  });

  test('closing gives the focus back to the map that was enlarged', async () => {
    await inUse.page.goto(inUse.viewer.url);
    const opener = inUse.page.getByRole('button', { name: /for bicycle of street.png/ });
    await opener.focus();
    await inUse.page.keyboard.press('Enter');
    await inUse.page.getByRole('dialog', { name: 'street.png' }).waitFor();
    await inUse.page.getByRole('button', { name: 'Close' }).click();
    await expect
      .poll(() => inUse.page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toContain('for bicycle of street.png');
  });

  test('a permalink opens the image; back closes it', async () => {
    await inUse.page.goto(inUse.viewer.url);
    await inUse.page.getByRole('button', { name: /for cat of garden.png/ }).click();
    await expect.poll(() => dialogName(inUse.page)).toBe('garden.png');
    const link = inUse.page.url();
    await inUse.page.goBack();
    await expect.poll(() => inUse.page.locator('dialog').count()).toBe(0);
    const other = await inUse.viewer.context.newPage();
    await other.goto(link);
    await expect.poll(() => dialogName(other)).toBe('garden.png');
    await other.close();
  });

  test('nothing is wider than a phone', async () => {
    await inUse.page.setViewportSize({ width: 360, height: 740 });
    await inUse.page.goto(inUse.viewer.url);
    await inUse.page.locator('.card').first().waitFor();
    const width = (): Promise<number> =>
      inUse.page.evaluate(() => document.documentElement.scrollWidth);
    expect(await width()).toBeLessThanOrEqual(360);
    const cut = await inUse.page
      .locator('.card')
      .evaluateAll((all) => all.filter((card) => card.scrollHeight > card.clientHeight).length);
    expect(cut).toBe(0);
    await inUse.page.getByRole('button', { name: /for cat of garden.png/ }).click();
    await inUse.page.getByRole('dialog').waitFor();
    expect(await width()).toBeLessThanOrEqual(360);
  });
});

async function dialogName(page: Page): Promise<string | null> {
  return page.locator('dialog h2').textContent();
}
