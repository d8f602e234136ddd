import type { ResultLine } from '@gradcam/core';
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';
import { useViewer } from './helper/use-viewer.ts';

type Target = ResultLine['explanations'][number]['target'];

/** The words of the caption, of which "on" has no map. */
const said = ['a', 'dog', 'on', 'grass'];
const targets: readonly Target[] = [
  { kind: 'word', index: 4, label: 'a', place: 1 },
  { kind: 'word', index: 23, label: 'dog', place: 2 },
  { kind: 'word', index: 40, label: 'grass', place: 4 },
  { kind: 'sentence', index: -1, label: said.join(' ') },
];

describe.skipIf(skipWithoutChromium())('a run with words', { timeout: 120_000 }, () => {
  const inUse = useViewer(async ({ run }) => {
    const scene = { width: 320, height: 240 };
    const peaks = { cat: [3, 1], dog: [2, 5], bicycle: [5, 5], umbrella: [1, 1] } as const;
    const told = await writeScene(run, { image: 'told.png', ...scene, peaks });
    const caption: ResultLine = {
      ...told,
      predictions: [],
      explanations: told.explanations.map((one, i) => ({ ...one, target: targets[i]! })),
      text: {
        caption: said.map((word, i) => ({
          word,
          logProbability: Math.log(0.5),
          ...(i === 1 && { instead: { word: 'cat', logProbability: Math.log(0.6) } }),
          ...(i !== 2 && { explanation: i }),
        })),
        by: 'model',
        logProbability: -3.2,
      },
    };
    const lines: ResultLine[] = [caption];
    for (const [image, truth] of [
      ['right.png', { index: 0, label: 'cat' }],
      ['wrong.png', { index: 1, label: 'dog' }],
    ] as const) {
      const line = await writeScene(run, { image, ...scene, peaks: { cat: [3, 1] } });
      const text = { question: 'what is left of the dog?', answer: 'cat' };
      lines.push({ ...line, text, truth, correct: truth.index === 0 });
    }
    const twice = await writeScene(run, { image: 'twice.png', ...scene, peaks: { cat: [3, 1] } });
    lines.push(
      { ...twice, text: { question: 'is there a cat?', answer: 'cat' } },
      { ...twice, text: { question: 'what is it?', answer: 'dog' } },
    );
    const failure = { image: 'twice.png', question: 'how many?', error: 'twice.png: no picture' };
    await writeRun(run, planRun(), [...lines, failure]);
  });

  const cardOf = (name: string) => inUse.page.locator('.card', { hasText: name });

  test('cards show the question with its answer, and say whether it is right', async () => {
    const { page, viewer } = inUse;
    await page.goto(viewer.url);
    const wrong = cardOf('wrong.png');
    await expect
      .poll(() => wrong.locator('.card-question').textContent())
      .toBe('what is left of the dog?');
    expect(await wrong.locator('.card-prediction').textContent()).toBe(
      'Answer: cat 60.0 % ✗ true: dog',
    );
    expect(await cardOf('right.png').locator('.truth').textContent()).toBe('✓ right');
    await page.getByRole('searchbox').fill('left of');
    await expect.poll(() => page.locator('.card-name').count()).toBe(2);
    await page.goto(`${viewer.url}#image=wrong.png`);
    const asked = page.getByRole('region', { name: 'Question' });
    expect(await asked.textContent()).toBe(
      'what is left of the dog?Answer: cat 60.0 % ✗ true: dog',
    );
  });

  test('each word of a caption chooses its map, on the card and in the large view', async () => {
    const { page, viewer } = inUse;
    await page.addInitScript(axe.source);
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(viewer.url);
    const card = cardOf('told.png');
    const shown = () => card.locator('.map-target').allTextContents();
    await expect.poll(shown).toEqual(['the sentence15.0 %']);
    const words = card.getByRole('group', { name: 'Caption of told.png' });
    expect(await words.getByRole('button').allTextContents()).toEqual([
      ...['a', 'dog', 'grass', 'whole sentence'],
    ]);
    expect(await words.textContent()).toBe('adogongrasswhole sentence');
    const dog = words.getByRole('button', { name: 'dog' });
    expect(await dog.getAttribute('title')).toBe(
      'dog: 50.0 % after the words before it; likeliest: cat, 60.0 %',
    );
    await dog.click();
    await expect.poll(shown).toEqual(['dog (word 2)30.0 %']);
    // All of it is in the room that was planned.
    const overflow = await page.locator('.grid > li').evaluateAll((all) =>
      all.map((item) => {
        const card = item.querySelector('.card')!;
        const bottom = Math.max(
          ...[...card.querySelectorAll('*')].map((one) => one.getBoundingClientRect().bottom),
        );
        return bottom - item.getBoundingClientRect().bottom;
      }),
    );
    expect(Math.max(...overflow)).toBeLessThanOrEqual(1);

    await card.getByRole('button', { name: /^Enlarge/ }).click();
    const large = page.getByRole('dialog').getByRole('region', { name: 'Caption' });
    await expect
      .poll(() => large.getByRole('button', { pressed: true }).allTextContents())
      .toEqual(['dog']);
    // The arrow keys go from word to word here, and not from image to image.
    await large.getByRole('button', { name: 'dog' }).focus();
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => large.getByRole('button', { pressed: true }).allTextContents())
      .toEqual(['grass']);
    expect(await page.locator('#enlarged-name').textContent()).toBe('told.png');
    await expect.poll(() => decodeURIComponent(page.url())).toContain('word:40:4');
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import('axe-core') };
      const found = await axe.run(document, { resultTypes: ['violations'] });
      return found.violations.map(({ id }) => id);
    });
    expect(violations).toEqual([]);
  });

  test('several questions about an image are cards of their own, with links of their own', async () => {
    const { page, viewer } = inUse;
    await page.setViewportSize({ width: 1200, height: 800 });
    await page.goto(viewer.url);
    await expect.poll(() => cardOf('twice.png').count()).toBe(3);
    expect(await page.locator('.run-summary span').first().textContent()).toBe(
      '6 questions about 4 images',
    );
    const second = cardOf('twice.png').filter({ hasText: 'what is it?' });
    await second.getByRole('button', { name: /^Enlarge/ }).click();
    const asked = page.getByRole('region', { name: 'Question' });
    expect(await asked.textContent()).toContain('what is it?Answer: dog');
    expect(await page.locator('.enlarged-position').textContent()).toBe('5 of 6');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.getByRole('dialog').textContent()).toContain('Asked “how many?”');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => asked.textContent()).toContain('what is it?');
    // The address follows after a pause.
    await expect.poll(() => decodeURIComponent(page.url())).toMatch(/what.is.it/);
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await expect.poll(() => asked.textContent()).toContain('what is it?');
    // A link of an early version names the image alone.
    await page.goto('about:blank');
    await page.goto(`${viewer.url}#image=twice.png`);
    await expect.poll(() => asked.textContent()).toContain('is there a cat?');
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => asked.textContent()).toContain('what is it?');
  });
});
