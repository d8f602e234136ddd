import type { FailureLine, ResultLine } from '@gradcam/core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { startViewer, watchFaults, type Viewer } from './support/start-viewer.ts';
import { classes, planRun, writeRun, writeScene } from './support/synthetic-run.ts';

const COUNT = 10_000;

/** Cards that come into the page in a frame: a twelfth of a window of three columns and nine rows. */
const MOST_NEW = 3;

describe.skipIf(skipWithoutChromium())('a run of 10,000 images', { timeout: 120_000 }, () => {
  let viewer: Viewer;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    viewer = await startViewer();
    await writeRun(viewer.run, planRun(), await planLines(viewer.run));
    page = await viewer.context.newPage();
    faults = watchFaults(page, viewer.url);
  }, 120_000);

  afterAll(async () => {
    await viewer?.close();
  });

  /** A few scenes under many names; every hundredth image failed. */
  async function planLines(run: string): Promise<(ResultLine | FailureLine)[]> {
    const scenes: ResultLine[] = [];
    for (let i = 0; i < 8; i++) {
      const peaks = { cat: [i % 7, 2], dog: [3, (2 * i) % 7] } as const;
      scenes.push(
        await writeScene(run, { image: `scene-${i}.png`, width: 320, height: 240, peaks }),
      );
    }
    return Array.from({ length: COUNT }, (_, i) => {
      const image = `photos/${String(i).padStart(5, '0')}.png`;
      if (i % 100 === 99) return { image, error: `${image}: the PNG ends too early` };
      const scene = scenes[i % scenes.length]!;
      const label = classes[i % classes.length]!;
      const best = { index: i % classes.length, label, probability: (i % 997) / 997, logit: 1 };
      return { ...scene, image, predictions: [best, ...scene.predictions.slice(1)] };
    });
  }

  async function cards(): Promise<string[]> {
    return page.locator('.card-name').allTextContents();
  }

  // How fast all of this is, tools/bench/trace-viewer.mjs measures.
  test('opens with no more cards than the window needs', async () => {
    await page.goto(viewer.url);
    await page.locator('.card img').first().waitFor();
    await expect.poll(async () => (await cards()).length).toBeGreaterThan(8);
    expect((await cards()).length).toBeLessThan(60);
    expect(await page.locator('.toolbar-count').textContent()).toBe('10,000 images');
    expect(await page.locator('.grid > li').first().getAttribute('aria-setsize')).toBe('10000');
  });

  test('a fast scroll brings few cards into the page at once, and every place has its cards', async () => {
    await page.mouse.move(640, 500);
    await page.evaluate(() => {
      const added: number[] = [];
      let count = 0;
      new MutationObserver((changes) => {
        for (const { addedNodes } of changes) count += addedNodes.length;
      }).observe(document.querySelector('.grid')!, { childList: true });
      const note = (): void => {
        added.push(count);
        count = 0;
        requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
      Object.assign(globalThis, { added });
    });
    for (let i = 0; i < 60; i++) {
      await page.mouse.wheel(0, 700);
      await page.waitForTimeout(25);
    }
    await expect.poll(async () => (await cards()).length).toBeGreaterThan(12);
    const added = await page.evaluate(() => (globalThis as unknown as { added: number[] }).added);
    expect(added.filter((count) => count > 0).length).toBeGreaterThan(20);
    expect(Math.max(...added)).toBeLessThanOrEqual(MOST_NEW);
    const position = await page.evaluate(() => scrollY);
    expect(position).toBeGreaterThan(20_000);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect.poll(async () => (await cards()).at(-1)).toBe('09999.png');
    expect((await cards()).length).toBeLessThan(60);
    const hasRoom = await page
      .locator('.card')
      .last()
      .evaluate((card) => card.getBoundingClientRect().bottom < innerHeight);
    expect(hasRoom).toBe(true);
  });

  test('filters and orders all of them while one types', async () => {
    await page.evaluate(() => scrollTo(0, 0));
    await page.getByRole('searchbox').pressSequentially('dog 0123', { delay: 30 });
    await expect.poll(async () => (await cards())[0]).toBe('00123.png');
    await page.getByRole('searchbox').fill('');
    await page.getByRole('combobox', { name: 'Certainty' }).selectOption('sure');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('most-sure');
    await expect.poll(async () => (await cards())[0]).toBe('00996.png');
    await page.getByRole('combobox', { name: 'Predicted class' }).selectOption({ index: 1 });
    await expect
      .poll(() => page.locator('.toolbar-count').textContent())
      .toMatch(/^\d{3} of 10,000 images$/);
    expect(faults).toEqual([]);
  });

  test('the grid follows while one steps through enlarged images, and takes the focus back', async () => {
    await page.goto(viewer.url);
    await page.getByRole('button', { name: /for cat of 00000.png/ }).click();
    for (let i = 0; i < 60; i++) await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.locator('dialog h2').textContent()).toBe('00060.png');
    await page.keyboard.press('Escape');
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe('Enlarge Grad-CAM at block4 for cat of 00060.png');
    expect(await cards()).toContain('00060.png');
  });

  test('nothing of a card is cut, whatever maps and notes it has', async () => {
    for (const width of [360, 800, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.locator('.card').first().waitFor();
      const cut = (): Promise<number[]> =>
        page
          .locator('.card')
          .evaluateAll((all) =>
            all.map((card) => card.scrollHeight - card.clientHeight).filter((rest) => rest > 0),
          );
      await expect.poll(cut).toEqual([]);
    }
  });
});
