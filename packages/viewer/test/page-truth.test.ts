import { describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';
import { useViewer } from './helper/use-viewer.ts';

/** The pretended model predicts "cat" for every image. */
const truths = [
  ['right.png', { index: 0, label: 'cat' }],
  ['wrong.png', { index: 1, label: 'dog' }],
  ['also-wrong.png', { index: 1, label: 'dog' }],
  // Not among the predictions.
  ['rare.png', { index: 7, label: 'pangolin' }],
] as const;

describe.skipIf(skipWithoutChromium())('a run with true classes', { timeout: 120_000 }, () => {
  const inUse = useViewer(async ({ run }) => {
    const lines = [];
    for (const [image, truth] of truths) {
      const line = await writeScene(run, {
        image,
        width: 320,
        height: 240,
        peaks: { cat: [3, 1] },
      });
      lines.push({ ...line, truth, correct: truth.index === 0 });
    }
    const unknown = { image: 'unknown.png', width: 320, height: 240, peaks: { cat: null } };
    await writeRun(run, planRun(), [...lines, await writeScene(run, unknown)]);
  });

  const names = (): Promise<string[]> => inUse.page.locator('.card-name').allTextContents();

  test('says on every card and in the summary what is right', async () => {
    const { page, viewer } = inUse;
    await page.goto(viewer.url);
    // A card that is not made yet is a box with a name alone.
    const marks = (): Promise<string[]> =>
      page
        .locator('.grid > li')
        .evaluateAll((cards) =>
          cards.map((card) => card.querySelector('.truth')?.textContent ?? ''),
        );
    const right = ['✓ right', '✗ true: dog', '✗ true: dog', '✗ true: pangolin', ''];
    await expect.poll(marks).toEqual(right);
    // The image without a true class does not count.
    expect(await page.locator('.run-summary').textContent()).toContain(
      '1 of 4 predicted rightly (25.0 %)',
    );
  });

  test('a number of the confusion matrix shows its images, a second press all images', async () => {
    const { page, viewer } = inUse;
    await page.goto(viewer.url);
    await page.getByText('Which classes are confused').click();
    const rows = await page
      .locator('.confusion tbody tr')
      .evaluateAll((all) => all.map((row) => [...row.children].map((cell) => cell.textContent)));
    expect(rows).toEqual([
      ['cat', '1', '0', '0', '100 %'],
      ['dog', '2', '0', '0', '0.0 %'],
      ['pangolin', '1', '0', '0', '0.0 %'],
    ]);
    const cell = page.getByRole('button', { name: '2 images of dog, predicted as cat' });
    await cell.click();
    await expect.poll(names).toEqual(['wrong.png', 'also-wrong.png']);
    expect(await cell.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => new URL(page.url()).hash).toBe('#class=0&true=1');
    await cell.click();
    await expect.poll(async () => (await names()).length).toBe(5);
  });

  test('the filter by true class is kept in the address', async () => {
    const { page, viewer } = inUse;
    await page.goto(viewer.url);
    await page.getByLabel('True class').selectOption('7');
    await expect.poll(names).toEqual(['rare.png']);
    // The address follows after a pause.
    await expect.poll(() => new URL(page.url()).hash).toBe('#true=7');
    await page.reload();
    await expect.poll(names).toEqual(['rare.png']);
  });

  test('the enlarged image marks the true class among the predictions, or says that it is not there', async () => {
    const { page, viewer } = inUse;
    await page.goto(`${viewer.url}#image=wrong.png`);
    const dog = page.locator('.bars li', { hasText: 'dog' });
    await expect.poll(() => dog.textContent()).toContain('true class');
    await page.goto(`${viewer.url}#image=rare.png`);
    await expect
      .poll(() => page.locator('.truth-absent').textContent())
      .toBe('True class: pangolin, not among these.');
  });

  test('cards become larger with the slider, and those of a row are equally high', async () => {
    const { page, viewer } = inUse;
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(viewer.url);
    await expect.poll(async () => (await names()).length).toBe(5);
    const widthOf = (): Promise<number> =>
      page
        .locator('.card')
        .first()
        .evaluate((card) => card.getBoundingClientRect().width);
    const before = await widthOf();
    await page.getByLabel('Size').fill('42');
    await expect.poll(widthOf).toBeGreaterThan(before * 1.4);
    await page.getByLabel('Size').fill('14');
    // The blank map's note makes one card need more room than its neighbours.
    const heights = await page
      .locator('.grid > li')
      .evaluateAll((cards) =>
        cards.map((card) => card.getBoundingClientRect()).map(({ top, height }) => [top, height]),
      );
    const perRow = new Map(heights.map(([top, height]) => [top, height]));
    expect(heights.every(([top, height]) => perRow.get(top) === height)).toBe(true);
    expect(await page.locator('.card-note').count()).toBe(1);
  });
});
