import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { skipWithoutChromium } from './support/chromium.ts';
import { startViewer, type Viewer } from './support/start-viewer.ts';
import { planRun, writeRun, writeScene } from './support/synthetic-run.ts';

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
    await expect.poll(text, { timeout: 10_000 }).toContain('No image is done yet');
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

  test('a run that cannot be read is named with the reason', async () => {
    await mkdir(run);
    await writeFile(join(run, 'run.json'), JSON.stringify({ schema: 99 }));
    await page.goto(url);
    await expect.poll(text).toContain('This run cannot be read');
    expect(await text()).toContain('expected schema 1');
    await writeRun(run, planRun(), []);
    await writeFile(join(run, 'results.jsonl'), 'nonsense\n');
    await page.reload();
    await expect.poll(text).toContain('results.jsonl line 1 is not a result');
  });
});
