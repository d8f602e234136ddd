import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { startViewer, type Viewer } from './helper/start-viewer.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

/** What axe calls an element that breaks a rule, one line each; of every impact, not only serious. */
async function findFaults(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
    }),
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id} (${impact}) ${target.join(' ')}: ${failureSummary}`,
    ),
  );
}

const widths = { desktop: 1280, phone: 390 } as const;
const states = {
  grid: '',
  'one map': '#image=garden.png',
  'all maps': '#image=garden.png&sheet=matrix',
  'two maps': '#image=garden.png&compare=side',
  'a swipe': '#image=garden.png&compare=swipe',
  'a difference': `#image=garden.png&compare=difference&with=${encodeURIComponent('grad-cam/block4/class:1')}`,
  'a blank map': `#image=garden.png&map=${encodeURIComponent('grad-cam/block4/class:3')}`,
  'no image left': '#q=zebra',
  'a failed image': '#image=broken.png',
} as const;

describe.skipIf(skipWithoutChromium())('accessibility by axe-core', { timeout: 60_000 }, () => {
  let viewer: Viewer;
  let page: Page;

  beforeAll(async () => {
    viewer = await startViewer();
    const line = await writeScene(viewer.run, {
      image: 'garden.png',
      width: 320,
      height: 240,
      peaks: { cat: [3, 1], dog: [2, 5], umbrella: null },
    });
    const failed = { image: 'broken.png', error: 'broken.png: not an image (empty file)' };
    await writeRun(viewer.run, planRun(), [line, failed]);
  }, 60_000);

  afterAll(async () => {
    await viewer?.close();
  });

  describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
    describe.each(Object.entries(widths))('%s', (_, width) => {
      beforeAll(async () => {
        page = await viewer.context.newPage();
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        // Evaluated, not added as a script tag: the page's policy allows no script of others.
        await page.addInitScript(axe.source);
      });

      afterAll(async () => {
        await page.close();
      });

      test.each(Object.entries(states))('%s has no fault', async (_state, hash) => {
        // Another fragment alone is no new page.
        await page.goto('about:blank');
        await page.goto(`${viewer.url}${hash}`);
        await page.locator('.card, .grid-empty').first().waitFor();
        // What is folded away is of the page too.
        await page
          .locator('details')
          .evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
        if (hash.includes('garden')) {
          await page.locator('.stage canvas, .matrix canvas').first().waitFor();
        }
        expect(await findFaults(page)).toEqual([]);
      });
    });
  });
});
