import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './helper/chromium.ts';
import { startViewer, type Viewer } from './helper/start-viewer.ts';
import { planRun, writeRun, writeScene } from './helper/synthetic-run.ts';

describe.skipIf(skipWithoutChromium())('runs that are not whole', { timeout: 60_000 }, () => {
  let viewer: Viewer;
  let run: string;
  let url: string;
  let page: Page;

  beforeAll(async () => {
    viewer = await startViewer();
    ({ run, url } = viewer);
    page = await viewer.context.newPage();
  }, 60_000);

  afterAll(async () => {
    await viewer?.close();
  });

  beforeEach(async () => {
    await rm(run, { recursive: true, force: true });
  });

  async function text(): Promise<string> {
    return (await page.locator('#app').textContent()) ?? '';
  }

  test('where there is no run the page says so, and opens it once it is there', async () => {
    await page.goto(url);
    await expect.poll(text).toContain('There is no run here');
    expect(await text()).toContain('gradcam explain');
    await writeRun(run, planRun('running'), []);
    await expect.poll(text, { timeout: 10_000 }).toContain('No image is explained yet');
  });

  test('a run that is being written grows on the page until it is done', async () => {
    const line = await writeScene(run, {
      image: 'garden.png',
      width: 64,
      height: 48,
      peaks: { cat: [3, 3] },
    });
    await writeRun(run, planRun('running'), [line]);
    await page.goto(url);
    await expect.poll(text).toContain('still running');
    await expect.poll(() => page.locator('.card').count()).toBe(1);
    // A line that is not whole yet is left out.
    await appendFile(join(run, 'results.jsonl'), '{"image":"half.png","err');
    await appendFile(join(run, 'results.jsonl'), 'or":"torn"}\n');
    await expect.poll(() => page.locator('.card').count(), { timeout: 10_000 }).toBe(2);
    await writeFile(join(run, 'run.json'), JSON.stringify(planRun('done')));
    await expect.poll(text, { timeout: 10_000 }).not.toContain('still running');
  });

  test('files of an image that are gone or torn are told in their place, and the rest is shown', async () => {
    const scene = { width: 64, height: 48, peaks: { cat: [3, 3], dog: [1, 1] } } as const;
    const whole = await writeScene(run, { image: 'whole.png', ...scene });
    const torn = await writeScene(run, { image: 'torn.png', ...scene });
    await writeRun(run, planRun(), [whole, torn]);
    const [cat, dog] = torn.explanations;
    await writeFile(join(run, cat!.files['overlay']!), 'no picture');
    await rm(join(run, dog!.files['overlay']!));
    await writeFile(join(run, cat!.files['raw']!), 'no map');
    await rm(join(run, dog!.files['raw']!));
    await page.goto(url);
    const card = page.locator('.card', { hasText: 'torn.png' });
    await expect
      .poll(() => card.locator('.picture-none').allTextContents())
      .toEqual(['the picture cannot be read', 'the picture cannot be read']);
    await expect
      .poll(() =>
        page
          .locator('.card img')
          .evaluateAll((images) => images.map((one) => (one as HTMLImageElement).naturalWidth)),
      )
      .toEqual([64, 64]);
    await card.getByRole('button', { name: /for cat/ }).click();
    const trouble = page.locator('dialog .message-bad');
    await expect.poll(() => trouble.textContent()).toMatch(/\.npy/);
    await page.getByRole('radio', { name: 'dog' }).check();
    await expect
      .poll(() => trouble.textContent())
      .toContain('the server answered with HTTP status 404');
    await page.getByRole('button', { name: 'Previous image' }).click();
    await page.locator('.stage canvas').waitFor();
    expect(await trouble.count()).toBe(0);
  });

  test('a slow server is waited for, with words', async () => {
    const line = await writeScene(run, {
      image: 'garden.png',
      width: 64,
      height: 48,
      peaks: { cat: [3, 3] },
    });
    await writeRun(run, planRun(), [line]);
    const slow = await viewer.context.newPage();
    const held: (() => void)[] = [];
    await slow.route(/served\.json|results\.jsonl|overlay\.png/, async (route) => {
      await new Promise<void>((resolve) => held.push(resolve));
      await route.continue();
    });
    const release = async (): Promise<void> => {
      await expect.poll(() => held.length).toBeGreaterThan(0);
      held.splice(0).forEach((go) => go());
    };
    const words = async (): Promise<string> => (await slow.locator('#app').textContent()) ?? '';
    await slow.goto(url);
    for (const answer of ['served.json', 'results.jsonl']) {
      await expect.poll(words, { message: answer }).toContain('Opening the run');
      await release();
    }
    // Cards are there, at their sizes, before their pictures.
    await expect.poll(() => slow.locator('.card').count()).toBe(1);
    const height = async (): Promise<number> => (await slow.locator('.card').boundingBox())!.height;
    const before = await height();
    await release();
    await expect
      .poll(() =>
        slow.locator('.card img').evaluate((one) => (one as HTMLImageElement).naturalWidth),
      )
      .toBe(64);
    expect(await height()).toBe(before);
    await slow.close();
  });

  test('pictures come one after the other; one that hangs holds up no other', async () => {
    const images = Array.from({ length: 8 }, (_, i) => `${i}.png`);
    const peaks = { cat: [3, 3] } as const;
    const lines = await Promise.all(
      images.map((image) => writeScene(run, { image, width: 64, height: 48, peaks })),
    );
    await writeRun(run, planRun(), lines);
    const visitor = await viewer.context.newPage();
    let atOnce = 0;
    let most = 0;
    let release = (): void => undefined;
    const hung = new Promise<void>((resolve) => (release = resolve));
    await visitor.route(/overlay\.png/, async (route) => {
      if (route.request().url().includes('/5.png/')) {
        await hung;
        return route.continue();
      }
      most = Math.max(most, ++atOnce);
      await new Promise((resolve) => setTimeout(resolve, 20));
      atOnce -= 1;
      return route.continue();
    });
    await visitor.goto(url);
    const shown = (): Promise<(string | null)[]> =>
      visitor
        .locator('.card', { has: visitor.locator('img[data-decoded]') })
        .locator('.card-name')
        .allTextContents();
    await expect.poll(shown).toEqual(images.filter((image) => image !== '5.png'));
    expect(most).toBe(1);
    release();
    await expect.poll(shown).toEqual(images);
    await visitor.close();
  });

  test('a run that cannot be read is named with the reason', async () => {
    await mkdir(run);
    await writeFile(join(run, 'run.json'), JSON.stringify({ schema: 99 }));
    await page.goto(url);
    await expect.poll(text).toContain('This run cannot be read');
    expect(await text()).toContain('expected schema 1');
  });

  test('a line that is no result hides no other: the page counts such lines and says why', async () => {
    const scene = { width: 64, height: 48, peaks: { cat: [3, 3] } } as const;
    const whole = await writeScene(run, { image: 'whole.png', ...scene });
    const hostile = { ...whole, image: 'hostile.png', explanations: [null] };
    await writeRun(run, planRun(), [whole]);
    await appendFile(join(run, 'results.jsonl'), `${JSON.stringify(hostile)}\n\nnonsense\n`);
    await appendFile(
      join(run, 'results.jsonl'),
      `${JSON.stringify({ ...whole, image: 'b.png' })}\n`,
    );
    await page.goto(url);
    await expect
      .poll(text)
      .toContain(
        '2 lines of the results left out: results.jsonl line 2 is not a result: explanations[0]: expected an object, found null, and more.',
      );
    expect(await page.locator('.card').count()).toBe(2);
  });
});
