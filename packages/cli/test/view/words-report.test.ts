import { isFailure, type ResultLine } from '@gradcam/core';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Locator } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, runCommand } from '../run-command.ts';
import { readLines, scenes } from '../run/demo-run.ts';
import { openBrowser, skipWithoutChromium } from './open-browser.ts';

const words = path.join(root, 'demo/words');

describe.skipIf(skipWithoutChromium())('reports of words', { timeout: 120_000 }, () => {
  let folder: string;
  let context: BrowserContext;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gradcam-words-report-'));
    context = await openBrowser(path.join(folder, 'profile'));
  });
  afterAll(async () => {
    await context?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  });

  /** Explains, writes the report, and returns the lines of the run. */
  async function report(name: string, ...args: string[]): Promise<ResultLine[]> {
    const out = path.join(folder, name);
    const explained = await runCommand(['explain', ...args, '--save', 'overlay', '--out', out]);
    expect(explained.code, explained.stderr).toBe(0);
    const written = await runCommand(['view', out, '--export', `${out}.html`]);
    expect(written.code, written.stderr).toBe(0);
    return readLines(out).flatMap((line) => (isFailure(line) ? [] : [line]));
  }

  /** The pixels of a picture on the page, as the browser decoded them. */
  async function pixelsOf(picture: Locator): Promise<readonly number[]> {
    return picture.evaluate(async (element) => {
      const image = element as HTMLImageElement;
      await image.decode();
      const [width, height] = [image.naturalWidth, image.naturalHeight];
      const context = new OffscreenCanvas(width, height).getContext('2d')!;
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, width, height);
      return [...data].filter((_, i) => i % 4 < 3);
    });
  }

  /** The pixels of a file of the run: what the command drew. */
  async function pixelsOfFile(run: string, file: string): Promise<readonly number[]> {
    return [
      ...(await sharp(path.join(folder, run, file))
        .removeAlpha()
        .raw()
        .toBuffer()),
    ];
  }

  test('each word of a caption shows the map that the command drew of it', async () => {
    const model = path.join(words, 'caption/demo-caption.onnx');
    const picture = path.join(scenes, 'parade.png');
    const [line] = await report('told', picture, '--model', model, '--caption');
    const { text, explanations } = line!;
    if (text === undefined || !('caption' in text)) throw new Error('no caption');
    const page = await context.newPage();
    await page.goto(pathToFileURL(path.join(folder, 'told.html')).href);
    const card = page.locator('.card');
    const buttons = card.locator('.sentence button');
    await buttons.first().waitFor();
    expect(await buttons.allTextContents()).toEqual([
      ...text.caption.map(({ word }) => word),
      'whole sentence',
    ]);
    for (const place of [1, 2, text.caption.length]) {
      const { word, explanation } = text.caption[place - 1]!;
      await buttons.nth(place - 1).click();
      await expect
        .poll(() => card.locator('.map-target').allTextContents())
        .toEqual([expect.stringMatching(new RegExp(`^${word} \\(word ${place}\\)`))]);
      const file = explanations[explanation!]!.files['overlay']!;
      expect(await pixelsOf(card.locator('.map img').first())).toEqual(
        await pixelsOfFile('told', file),
      );
    }
    await page.close();
  });

  test('words that are markup, control characters or very long are shown as text', async () => {
    const model = path.join(folder, 'hostile');
    await mkdir(model);
    await copyFile(
      path.join(words, 'caption/demo-caption.onnx'),
      path.join(model, 'demo-caption.onnx'),
    );
    const described = await readFile(path.join(words, 'caption/gradcam.json'), 'utf8');
    const markup = '<img src=x onerror="document.title=1">';
    const control = '\u202e../../evil\u0000\n\u001b[31m';
    const long = 'x'.repeat(5000);
    const own = JSON.parse(described) as { text: { vocabulary: string[] } };
    own.text.vocabulary = own.text.vocabulary.map(
      (word) => ({ guitar: markup, bird: control, elephant: long })[word] ?? word,
    );
    await writeFile(path.join(model, 'gradcam.json'), JSON.stringify(own));
    const picture = path.join(scenes, 'parade.png');
    const [line] = await report('attacked', picture, '--model', model, '--caption', '--sheet');
    const { text } = line!;
    if (text === undefined || !('caption' in text)) throw new Error('no caption');
    const said = text.caption.map(({ word }) => word);
    expect(said).toEqual(expect.arrayContaining([markup, control, long]));
    const page = await context.newPage();
    await page.goto(pathToFileURL(path.join(folder, 'attacked.html')).href);
    const buttons = page.locator('.card .sentence button');
    await buttons.first().waitFor();
    for (const place of [markup, control, long].map((word) => said.indexOf(word))) {
      await buttons.nth(place).click();
      await expect
        .poll(() => page.locator('.card .map-target').allTextContents())
        .toEqual([expect.stringContaining(`(word ${place + 1})`)]);
    }
    expect(await page.locator('img[src="x"]').count()).toBe(0);
    expect(await page.title()).toMatch(/gradcam$/);
    // A word that is too long for a line does not make the page wider than the window.
    const widths = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(widths[0]).toBe(widths[1]);
    await page.close();
  });

  test('each question about a picture has a card with its own map', async () => {
    const picture = path.join(scenes, 'cat-and-dog.png');
    const questions = ['what is left of the dog?', 'is there a bicycle?'];
    const table = path.join(folder, 'table.csv');
    await writeFile(table, questions.map((question) => `${picture},${question}\n`).join(''));
    const model = ['--model', path.join(words, 'vqa/demo-vqa.keras')];
    const lines = await report('asked', picture, ...model, '--questions', table);
    expect(lines.map(({ text }) => text)).toMatchObject(
      questions.map((question) => ({ question })),
    );
    const page = await context.newPage();
    await page.goto(pathToFileURL(path.join(folder, 'asked.html')).href);
    await expect.poll(() => page.locator('.card-question').allTextContents()).toEqual(questions);
    const shown = await Promise.all(
      [0, 1].map((card) => pixelsOf(page.locator('.card').nth(card).locator('.map img'))),
    );
    for (const [card, { explanations }] of lines.entries()) {
      const file = explanations[0]!.files['overlay']!;
      expect(shown[card]).toEqual(await pixelsOfFile('asked', file));
    }
    expect(shown[0]).not.toEqual(shown[1]);
    await page.close();
  });
});
