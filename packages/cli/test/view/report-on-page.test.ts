import axe from 'axe-core';
import { copyFile, mkdir, mkdtemp, readdir, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveRun, type RunServer } from '../../src/commands/view/serve-run.ts';
import { runCommand } from '../run-command.ts';
import { models, scenes } from '../run/demo-run.ts';
import { builtPage, openBrowser, skipWithoutChromium } from './open-browser.ts';

describe.skipIf(skipWithoutChromium())('a report from the page', { timeout: 120_000 }, () => {
  let folder: string;
  let run: string;
  let server: RunServer;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gradcam-report-page-'));
    const data = path.join(folder, 'data');
    run = path.join(folder, 'run');
    // By demo/expected.json the net says dog of the first scene and turtle of the second.
    for (const [truth, scene] of [
      ['cat', 'cat-and-dog.png'],
      ['turtle', 'garden.png'],
    ] as const) {
      await mkdir(path.join(data, truth), { recursive: true });
      await copyFile(path.join(scenes, scene), path.join(data, truth, scene));
    }
    const model = ['--model', 'demo-resnet', '--models', models];
    const flags = ['--truth', data, '--save', 'overlay,raw', '--out', run];
    const { code, stderr } = await runCommand(['explain', data, ...model, ...flags]);
    expect(code, stderr).toBe(0);
    server = await serveRun({ run, page: builtPage });
    context = await openBrowser(path.join(folder, 'profile'));
  }, 180_000);

  afterAll(async () => {
    await context?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  test.each([
    ['light', 1280],
    ['dark', 390],
  ] as const)('of the wrong images alone, with its size (%s, %i)', async (colorScheme, width) => {
    const page = await context.newPage();
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 800 });
    await page.addInitScript(axe.source);
    await page.goto(`${server.url}#show=wrong`);
    await expect.poll(() => page.locator('.card-name').allTextContents()).toHaveLength(1);
    await page.getByRole('button', { name: 'Save as one page' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save as one page' });
    await dialog.getByText('1 image that passes').waitFor();
    await expect
      .poll(() => dialog.locator('.report-size').allTextContents())
      .toEqual([0, 1, 2].map(() => expect.stringMatching(/^about [\d.]+ MB$/)));
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(document),
    );
    expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target)}`)).toEqual(
      [],
    );
    await dialog.getByText('JPEG').click();
    const saved = page.waitForEvent('download');
    await dialog.getByRole('link', { name: 'Save' }).click();
    const report = path.join(folder, `report-${width}.html`);
    await (await saved).saveAs(report);
    await page.keyboard.press('Escape');
    expect(await dialog.count()).toBe(0);
    await page.goto(pathToFileURL(report).href);
    await expect
      .poll(() => page.locator('.card-name').allTextContents())
      .toEqual(['cat-and-dog.png']);
    // A report cannot write reports.
    expect(await page.getByRole('button', { name: 'Save as one page' }).count()).toBe(0);
    await page.close();
  });

  test('a query with an unknown value is refused, and one that no image passes', async () => {
    const ask = async (query: string): Promise<[number, string]> => {
      const response = await fetch(`${server.url}report.html?${query}`);
      return [response.status, (await response.text()).slice(0, 200)];
    };
    expect(await ask('show=changed')).toEqual([400, expect.stringContaining('unknown value')]);
    expect(await ask('format=gif')).toEqual([400, expect.stringContaining('unknown value')]);
    expect(await ask('q=zebra')).toEqual([
      422,
      expect.stringContaining("no image matches 'zebra'"),
    ]);
    const response = await fetch(`${server.url}report.html?class=9&format=webp`);
    expect(response.headers.get('Content-Disposition')).toBe('attachment; filename="report.html"');
    const text = await response.text();
    expect(text.startsWith('<!doctype html>')).toBe(true);
    expect(text.endsWith('</html>\n')).toBe(true);
  });

  test('of an evaluation, with the maps of its run beside the numbers', async () => {
    const model = ['--model', 'demo-resnet', '--models', models];
    const evaluated = await runCommand(['evaluate', run, ...model, '--metric', 'insertion']);
    expect(evaluated.code, evaluated.stderr).toBe(0);
    const target = path.join(folder, 'evaluation.html');
    const exported = await runCommand(['view', run, '--evaluation', '--export', target]);
    expect([exported.code, exported.stdout], exported.stderr).toEqual([0, `${target}\n`]);
    // Of the first image those for the dog, which was answered, and for the cat, which is true.
    expect(exported.stderr).toMatch(/^the evaluation with 3 maps, [\d.]+ MB$/m);
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    page.on('console', (line) => line.type() === 'error' && faults.push(line.text()));
    await page.goto(pathToFileURL(target).href);
    const table = page.getByRole('region', { name: 'Table of metrics' });
    await table.getByRole('rowheader', { name: 'Grad-CAM' }).waitFor();
    // The picture is in the document, and there is no other page to go to.
    const map = page.locator('img.evaluation-map').first();
    await expect
      .poll(() => map.evaluate((img) => (img as HTMLImageElement).naturalWidth))
      .toBe(256);
    expect(await page.getByRole('link').count()).toBe(0);
    expect(faults).toEqual([]);
    await page.close();
    const chosen = await runCommand([
      ...['view', run, '--evaluation', '--export', target, '--only', 'wrong'],
    ]);
    expect(chosen.code).toBe(64);
    expect(chosen.stderr).toContain('--only chooses among the images of a run');
  });

  test('says what is missing, and offers nothing that the server would refuse', async () => {
    const files = await readdir(path.join(folder, 'run', 'images'), { recursive: true });
    const find = (pattern: RegExp) => {
      const found = files.find((name) => pattern.test(name));
      if (found === undefined) throw new Error(`${pattern} is not in ${files.join(', ')}`);
      return path.join(folder, 'run', 'images', found);
    };
    await rm(find(/garden.*\.npy$/));
    // A file that is too large to be decoded stays as it is in each format.
    await truncate(find(/cat-and-dog.*overlay.*\.png$/), 400 * 2 ** 20);
    const page = await context.newPage();
    const openDialog = async (filters: string) => {
      await page.goto(`${server.url}${filters}`);
      await page.reload();
      await page.getByRole('button', { name: 'Save as one page' }).click();
      return page.getByRole('dialog', { name: 'Save as one page' });
    };
    const small = await openDialog('#q=garden');
    await small.getByText('1 file is not in the run folder').waitFor();
    expect(await small.getByRole('link', { name: 'Save' }).count()).toBe(1);
    const large = await openDialog('');
    await large.getByText('A browser opens at most 403 MB well as one page').waitFor();
    expect(await large.getByRole('link', { name: 'Save' }).count()).toBe(0);
    const { status } = await fetch(`${server.url}report.html?format=kept`);
    expect(status).toBe(422);
    await page.close();
  });
});
