import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropFile, openLiveSite, untilExplained, type LiveSite } from './live-page.ts';
import { skipWithoutChromium } from './open-browser.ts';

/** What axe calls an element that breaks a rule, one line each; of every impact, not only serious. */
async function findFaults(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
    }),
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${impact}) ${target}: ${failureSummary}`),
  );
}

describe.skipIf(skipWithoutChromium())(
  'the live page, by axe-core, has no fault',
  { timeout: 120_000 },
  () => {
    let site: LiveSite;

    beforeAll(async () => {
      site = await openLiveSite();
    }, 180_000);

    afterAll(async () => {
      await site?.close();
    });

    test.each([
      ['light', 1280],
      ['light', 390],
      // A small phone, and a laptop at a zoom of 200 %.
      ['light', 360],
      ['light', 640],
      ['dark', 1280],
      ['dark', 390],
    ] as const)('%s, %i pixels wide', async (colorScheme, width) => {
      const page = await site.context.newPage();
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 800 });
      // By the browser itself, not as a script tag: the page's policy allows no script of others.
      await page.addInitScript(axe.source);
      await page.goto(`${site.url}live.html#engine=wasm`);
      await page.getByText('Drop an image here').waitFor();
      expect(await findFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Sample image: Cat and dog' }).click();
      await untilExplained(page, /^cat-and-dog\.png: .* for dog$/);
      await page.locator('.strip canvas').first().waitFor();
      await page
        .locator('details')
        .evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
      expect(await findFaults(page)).toEqual([]);
      // Nothing is wider than the window, also not what is only there for the ear.
      const overhang = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overhang).toBe(0);
      await page.getByRole('button', { name: 'Edit the image' }).click();
      await page.getByRole('button', { name: 'Erase to mean' }).click();
      await untilExplained(page, /^cat-and-dog\.png, edited: .* for dog$/);
      await page.locator('.edit-effect').waitFor();
      await page.locator('.strip canvas').first().waitFor();
      expect(await findFaults(page)).toEqual([]);
      const wider = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(wider).toBe(0);
      await dropFile(page, 'notes.png', Buffer.from('these are words'));
      await page.getByRole('alert').getByText('not an image').waitFor();
      expect(await findFaults(page)).toEqual([]);
      await page.close();
    });
  },
);
