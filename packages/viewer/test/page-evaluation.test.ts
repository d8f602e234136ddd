import axe from 'axe-core';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { lineOfImage, planEvaluation } from './helper/synthetic-evaluation.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';
import { useViewer } from './helper/use-viewer.ts';

describe.skipIf(skipWithoutChromium())('the page of an evaluation', { timeout: 60_000 }, () => {
  const inUse = useViewer(async ({ run }) => {
    const scene = await writeScene(run, {
      ...{ image: 'garden.png', width: 320, height: 240 },
      peaks: { dog: [2, 5] },
    });
    await writeRun(run, planRun(), [scene]);
    await writeEvaluation(run);
  });

  async function writeEvaluation(run: string): Promise<void> {
    await mkdir(run, { recursive: true });
    const lines = [
      { schema: 1 },
      lineOfImage('scenes/garden.png', {
        ...{ 'grad-cam': [1, 0.2, 0], 'layer-cam': [1, 0.1, 0], 'random-cam': [1, 0.9, 0] },
      }),
      lineOfImage('scenes/street.png', { 'grad-cam': [0.5, 0.4, 0] }, 'ef'.repeat(32)),
    ];
    await writeFile(join(run, 'evaluation.json'), JSON.stringify(planEvaluation()));
    await writeFile(
      join(run, 'evaluation.jsonl'),
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
  }

  beforeEach(async () => {
    await inUse.page.goto(`${inUse.viewer.url}evaluation.html`);
    await inUse.page.locator('.notice h2, .evaluation-table').first().waitFor();
  });

  const rowNames = (): Promise<string[]> =>
    inUse.page
      .getByRole('region', { name: 'Table of metrics' })
      .locator('tbody th')
      .evaluateAll((heads) => heads.map((head) => head.textContent ?? ''));

  test('has a table with intervals, baselines and what a method does not beat; it sorts', async () => {
    const { page } = inUse;
    const table = page.getByRole('region', { name: 'Table of metrics' });
    expect(await rowNames()).toEqual(['Grad-CAM', 'LayerCAM', 'RandomCAMbaseline']);
    const first = table.getByRole('row', { name: /^Grad-CAM/ });
    expect(await first.locator('td').allTextContents()).toEqual([
      '0.2000.150 to 0.250',
      '0.7000.650 to 0.750',
      '0.3000.250 to 0.350does not beat RandomCAM',
      '11.00',
    ]);
    // The best mean of a column is bold: LayerCAM's deletion.
    expect(await table.locator('td strong').allTextContents()).toEqual(['0.700', '0.300', '0.100']);

    // By keys alone: the head's button has the focus, Enter sorts, and Enter again turns the order.
    const head = table.getByRole('columnheader', { name: /^Deletion/ });
    expect(await head.getAttribute('aria-sort')).toBe('none');
    await head.getByRole('button').focus();
    await page.keyboard.press('Enter');
    await expect.poll(rowNames).toEqual(['LayerCAM', 'Grad-CAM', 'RandomCAMbaseline']);
    expect(await head.getAttribute('aria-sort')).toBe('ascending');
    await page.keyboard.press('Enter');
    await expect.poll(rowNames).toEqual(['RandomCAMbaseline', 'Grad-CAM', 'LayerCAM']);
    expect(await head.getAttribute('aria-sort')).toBe('descending');
    await expect.poll(() => new URL(page.url()).hash).toBe('#sort=deletion&direction=descending');
    await page.reload();
    await expect.poll(rowNames).toEqual(['RandomCAMbaseline', 'Grad-CAM', 'LayerCAM']);
  });

  test('draws the mean curves, reads them at a place, and hides a row', async () => {
    const { page } = inUse;
    const chart = page.locator('.curve').first();
    // Grad-CAM: means of (1, 0.2, 0) and (0.5, 0.4, 0) are 0.75, 0.3 and 0. The axis runs from 0 to 1.
    const [left, right, top, bottom] = [52, 572, 12, 296];
    const down = (value: number): string => (bottom - value * (bottom - top)).toFixed(1);
    const middle = ((left + right) / 2).toFixed(1);
    expect(await chart.locator('.line-0').first().getAttribute('d')).toBe(
      `M${left.toFixed(1)} ${down(0.75)}L${middle} ${down(0.3)}L${right.toFixed(1)} ${down(0)}`,
    );
    await chart.getByRole('slider').fill('1');
    expect(await chart.getByText('50 %').first().textContent()).toBe('50 %');
    expect(await chart.locator('.curve-rows button').allTextContents()).toEqual([
      ...['Grad-CAM0.300', 'LayerCAM0.100', 'RandomCAM0.900'],
    ]);
    const toggle = chart.getByRole('button', { name: /LayerCAM/ });
    await toggle.focus();
    await page.keyboard.press('Space');
    expect(await toggle.getAttribute('aria-pressed')).toBe('false');
    expect(await chart.locator('> svg .line').count()).toBe(2);
    const label = await chart.getByRole('img').getAttribute('aria-label');
    expect(label).toBe('Deletion: mean curves of Grad-CAM, RandomCAM');
  });

  test("shows each image's numbers beside its map", async () => {
    const { page } = inUse;
    const numbers = page.getByRole('region', { name: 'Numbers for dog, 50.0 %' });
    const own = numbers.getByRole('row', { name: /^Grad-CAM/ });
    expect(await own.locator('td').allTextContents()).toEqual([
      ...['0.200', '0.800', '–the map is constant'],
    ]);
    const map = own.locator('img');
    await expect
      .poll(() => map.evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBe(320);
    // The run has no map by LayerCAM, and the second image is not in the run.
    expect(await numbers.locator('img').count()).toBe(1);
    await page.getByRole('button', { name: 'Next image' }).click();
    await expect.poll(() => own.locator('td').first().textContent()).toBe('0.400');
    expect(await numbers.locator('img').count()).toBe(0);
    expect(await page.getByRole('combobox').locator('option').allTextContents()).toEqual([
      ...['garden.png', 'street.png'],
    ]);
    await expect.poll(() => new URL(page.url()).hash).toBe('#image=scenes%2Fstreet.png');
  });

  test.each([
    ['light', 1280],
    ['dark', 390],
    ['dark', 1280],
    ['light', 390],
  ] as const)('%s at %i pixels has no fault that axe finds', async (colorScheme, width) => {
    const { page, viewer } = inUse;
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    await page.addInitScript(axe.source);
    await page.goto('about:blank');
    await page.goto(`${viewer.url}evaluation.html#sort=deletion`);
    await page.locator('.curve').first().waitFor();
    await page
      .locator('details')
      .evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
        resultTypes: ['violations'],
      }),
    );
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.failureSummary}`)).toEqual([]);
    // Wide tables scroll in their own frames, and the page does not.
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
      width,
    );
  });

  test('says what is wrong with a damaged file', async () => {
    const { page, viewer } = inUse;
    const file = join(viewer.run, 'evaluation.json');
    await writeFile(file, JSON.stringify({ ...planEvaluation(), engine: 7 }));
    await page.reload();
    await page.getByText('engine: expected a text, found 7').waitFor();
    await rm(file);
    await writeEvaluation(viewer.run);
  });
});
