import type { FailureLine, ResultLine } from '@gradcam/core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { startViewer, watchFaults, type Viewer } from './helper/start-viewer.ts';
import { classes, planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

const COUNT = 10_000;

/** Cards that come into the page in a frame: a twelfth of those missing, in three columns and nine rows. */
const MOST_NEW = 3;

interface Frame {
  /** Cards that came into the page since the frame before. */
  readonly cards: number;
  /** Boxes in the window, which stand for cards. */
  readonly boxesSeen: number;
  /** Boxes with the name of another image. */
  readonly wrongNames: number;
}

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

  /** Watches, frame by frame, what comes into the grid and what its window shows. */
  async function watchFrames(): Promise<() => Promise<Frame[]>> {
    await page.evaluate(() => {
      const frames: Frame[] = [];
      let cards = 0;
      const isCard = (node: Node): boolean =>
        node instanceof Element && node.querySelector('.card:not(.card-box)') !== null;
      new MutationObserver((changes) => {
        for (const { addedNodes, target } of changes) {
          // A card comes with its place, or takes that of its box.
          const places = target instanceof HTMLLIElement ? [target] : [...addedNodes];
          if (addedNodes.length > 0) cards += places.filter(isCard).length;
        }
      }).observe(document.querySelector('.grid')!, { childList: true, subtree: true });
      const note = (): void => {
        const boxes = [...document.querySelectorAll('.card-box')];
        const seen = boxes.filter((box) => {
          const { top, bottom } = box.getBoundingClientRect();
          return bottom > 0 && top < innerHeight;
        });
        const wrong = boxes.filter((box) => {
          const index = box.closest('li')!.dataset['index']!;
          return box.textContent !== `${index.padStart(5, '0')}.png`;
        });
        frames.push({ cards, boxesSeen: seen.length, wrongNames: wrong.length });
        cards = 0;
        requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
      Object.assign(globalThis, { frames });
    });
    return () => page.evaluate(() => (globalThis as unknown as { frames: Frame[] }).frames);
  }

  test('what rushes by is boxes with names; at rest every place has its card, a few in a frame', async () => {
    await page.mouse.move(640, 500);
    const before = (await cards()).length;
    const frames = await watchFrames();
    for (let i = 0; i < 60; i++) {
      await page.mouse.wheel(0, 700);
      await page.waitForTimeout(25);
    }
    const rushed = (await frames()).length;
    await expect.poll(() => page.locator('.card-box').count()).toBe(0);
    const all = await frames();
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(20_000);
    expect(all.slice(0, rushed).filter(({ boxesSeen }) => boxesSeen > 3).length).toBeGreaterThan(
      10,
    );
    expect(all.every(({ wrongNames }) => wrongNames === 0)).toBe(true);
    expect(Math.max(...all.map((frame) => frame.cards))).toBeLessThanOrEqual(MOST_NEW);
    // Of more than a hundred places that passed, hardly any was filled; at the end a window was.
    const made = all.slice(0, rushed).reduce((sum, frame) => sum + frame.cards, 0);
    expect(made).toBeLessThan(before);
    expect(all.slice(rushed).reduce((sum, frame) => sum + frame.cards, 0)).toBeGreaterThan(12);
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await expect.poll(async () => (await cards()).at(-1)).toBe('09999.png');
    await expect.poll(() => page.locator('.card-box').count()).toBe(0);
    expect((await cards()).length).toBeLessThan(60);
    const hasRoom = await page
      .locator('.card')
      .last()
      .evaluate((card) => card.getBoundingClientRect().bottom < innerHeight);
    expect(hasRoom).toBe(true);
  });

  test('who scrolls to look sees cards, no boxes', async () => {
    await page.evaluate(() => scrollTo(0, 0));
    await expect.poll(async () => (await cards())[0]).toBe('00000.png');
    await expect.poll(() => page.locator('.card-box').count()).toBe(0);
    const frames = await watchFrames();
    for (let i = 0; i < 50; i++) {
      await page.mouse.wheel(0, 40);
      await page.waitForTimeout(30);
    }
    await expect.poll(() => page.evaluate(() => scrollY)).toBe(2000);
    expect(Math.max(...(await frames()).map(({ boxesSeen }) => boxesSeen))).toBe(0);
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
