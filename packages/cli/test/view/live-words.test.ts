import type { ResultLine } from '@gradcam/core';
import axe from 'axe-core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { root, runCommand } from '../run-command.ts';
import {
  dropFiles,
  openLiveSite,
  openPage,
  readMap,
  relativeError,
  savedMap,
  scenePath,
  untilExplained,
  type LiveSite,
  type RawMap,
} from './live-page.ts';
import { skipWithoutChromium } from './open-browser.ts';

/** Two right float32 engines differ by about 1e-6 of a map's terms; this leaves a wide margin. */
const TOLERANCE = 1e-4;

const words = path.join(root, 'demo/words');
const question = 'what is left of the dog?';

/** What the command says of a scene, with its raw maps in the order of the line's explanations. */
interface CommandAnswer {
  readonly line: ResultLine;
  readonly maps: readonly RawMap[];
}

async function askCommand(out: string, ...args: string[]): Promise<CommandAnswer> {
  const all = ['explain', ...args, '--engine', 'wasm', '--save', 'raw', '--json', '--out', out];
  const { code, stdout, stderr } = await runCommand(all);
  expect(code, stderr).toBe(0);
  const line = JSON.parse(stdout) as ResultLine;
  const files = line.explanations.map(({ files }) => path.join(out, files['raw']!));
  return { line, maps: await Promise.all(files.map(readMap)) };
}

async function findFaults(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
    }),
  );
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}

describe.skipIf(skipWithoutChromium())('words on the live page', { timeout: 180_000 }, () => {
  let site: LiveSite;
  let page: Page;
  let faults: string[];

  beforeAll(async () => {
    site = await openLiveSite();
    const { code, stderr } = await runCommand([
      ...['fetch', 'demo-vqa', 'demo-caption', '--models', site.models],
    ]);
    expect(code, stderr).toBe(0);
  }, 180_000);

  afterAll(async () => {
    await site?.close();
  });

  beforeEach(async () => {
    ({ page, faults } = await openPage(site));
    await page.addInitScript(axe.source);
  });

  afterEach(async () => {
    await page.close();
    expect(faults).toEqual([]);
  });

  const answer = () => page.locator('.words-answer');
  const part = (name: string) =>
    page.locator('.sentence').getByRole('button', { name, exact: true });

  async function expectNoFault(): Promise<void> {
    await page.locator('.strip canvas').first().waitFor();
    expect(await findFaults(page)).toEqual([]);
    const overhang = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overhang).toBe(0);
  }

  test('a question is answered, its map is that of the command, and the link keeps it', async () => {
    const asked = await askCommand(
      path.join(site.folder, 'asked'),
      ...[scenePath('cat-and-dog.png'), '--model', 'demo-vqa', '--models', site.models],
      ...['--ask', question, '--target', 'top1', '--target', 'no'],
    );
    const [best] = asked.line.predictions;
    await page.goto(`${site.url}live.html#engine=wasm&model=demo-vqa&sample=cat-and-dog`);
    const field = page.getByRole('textbox', { name: 'Question' });
    await field.fill('  ');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    expect(await answer().textContent()).toBe('Type a question first.');
    await field.fill(question);
    await field.press('Enter');
    await untilExplained(page, new RegExp(`for ${best!.label}$`));
    const [, word, percent] = /^Answer: (\S+) ([\d.]+) %$/.exec((await answer().textContent())!)!;
    expect(word).toBe(best!.label);
    expect(Math.abs(Number(percent) - 100 * best!.probability!)).toBeLessThanOrEqual(0.05);
    expect(relativeError(await savedMap(page), asked.maps[0]!)).toBeLessThan(TOLERANCE);
    await expectNoFault();

    // Another answer to the same question, chosen as a class is.
    await page.getByLabel('Target').fill('no');
    await page.getByLabel('Target').press('Enter');
    await untilExplained(page, / for no$/);
    expect(relativeError(await savedMap(page), asked.maps[1]!)).toBeLessThan(TOLERANCE);

    // Another picture: the same question, and again its own answer.
    await page.getByRole('button', { name: 'Sample image: Parade' }).click();
    await untilExplained(page, /^parade\.png: /);
    expect(await field.inputValue()).toBe(question);
    expect(await answer().textContent()).toMatch(/^Answer: /);

    // The address follows a moment later.
    await expect.poll(() => page.url()).toMatch(/sample=parade/);
    expect(page.url()).toContain('ask=what+is+left');
    await page.reload();
    await untilExplained(page, /^parade\.png: /);
    expect(await field.inputValue()).toBe(question);

    // A word that the net does not know is said.
    await field.fill('is there a zebra?');
    await field.press('Enter');
    await page.locator('.words .message').getByText("reads 'zebra' as [UNK]").waitFor();

    // The edited picture is asked the same.
    await page.getByRole('button', { name: 'Edit the image' }).click();
    await page.getByRole('button', { name: 'Erase to mean' }).click();
    await untilExplained(page, /^parade\.png, edited: /);
    await page.locator('.edit-effect').waitFor();
    expect(await field.inputValue()).toBe('is there a zebra?');
  });

  test('a caption is said, and each of its words has the map of the command', async () => {
    const told = await askCommand(
      path.join(site.folder, 'told'),
      ...[scenePath('parade.png'), '--model', 'demo-caption', '--models', site.models],
      ...['--caption', '--method', 'hires-cam'],
    );
    const { text } = told.line;
    if (text === undefined || !('caption' in text)) throw new Error('no caption');
    const said = text.caption.map(({ word }) => word);
    await page.setViewportSize({ width: 390, height: 800 });
    const link = 'engine=wasm&model=demo-caption&sample=parade&method=hires-cam';
    await page.goto(`${site.url}live.html#${link}`);
    await untilExplained(page, / for the sentence$/);
    const buttons = page.locator('.sentence button');
    expect(await buttons.allTextContents()).toEqual([...said, 'whole sentence']);
    expect(await answer().textContent()).toContain(`The model says “${said.join(' ')}”`);
    expect(relativeError(await savedMap(page), told.maps.at(-1)!)).toBeLessThan(TOLERANCE);
    await expectNoFault();

    await buttons.nth(1).click();
    await untilExplained(page, new RegExp(`for ${said[1]} \\(word 2\\)$`));
    expect(relativeError(await savedMap(page), told.maps[1]!)).toBeLessThan(TOLERANCE);
    await expect.poll(() => decodeURIComponent(page.url())).toContain('target=word:2');
    await page.reload();
    await untilExplained(page, new RegExp(`for ${said[1]} \\(word 2\\)$`));
    expect(await buttons.nth(1).getAttribute('aria-pressed')).toBe('true');
    await expectNoFault();
  });

  test('by the keyboard alone: a word, and a sentence of the reader’s own', async () => {
    await page.goto(`${site.url}live.html#engine=wasm&model=demo-caption&sample=parade`);
    await untilExplained(page, / for the sentence$/);
    const tabTo = async (name: string): Promise<void> => {
      for (let i = 0; i < 80; i++) {
        const focused = page.locator(':focus');
        const text = (await focused.count()) === 0 ? '' : await focused.textContent();
        const id = (await focused.count()) === 0 ? '' : await focused.getAttribute('id');
        if (text === name || id === name) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`the Tab key does not reach ${name}`);
    };
    const [first, second] = await page.locator('.sentence button').allTextContents();
    await tabTo(first!);
    await page.keyboard.press('Enter');
    await untilExplained(page, new RegExp(`for ${first} \\(word 1\\)$`));
    await page.keyboard.press('ArrowRight');
    await untilExplained(page, new RegExp(`for ${second} \\(word 2\\)$`));
    await tabTo('say');
    await page.keyboard.type('a red dog');
    await page.keyboard.press('Enter');
    await untilExplained(page, / for the sentence$/);
    expect(await page.locator('.sentence button').allTextContents()).toEqual([
      ...['a', 'red', 'dog', 'whole sentence'],
    ]);
    expect(await answer().textContent()).toMatch(
      /^You say “a red dog”: log-probability -[\d.]+\. The model itself says “.+”: -[\d.]+\.$/,
    );
    const said = await askCommand(
      path.join(site.folder, 'said'),
      ...[scenePath('parade.png'), '--model', 'demo-caption', '--models', site.models],
      ...['--say', 'a red dog', '--target', 'sentence'],
    );
    expect(relativeError(await savedMap(page), said.maps[0]!)).toBeLessThan(TOLERANCE);
    await expectNoFault();
    await tabTo('Let the model speak');
    await page.keyboard.press('Enter');
    await part('whole sentence').waitFor();
    await expect.poll(() => answer().textContent()).toMatch(/^The model says /);
  });

  test('the edited picture keeps the words, with the scores and the map of the command', async () => {
    await page.goto(`${site.url}live.html#engine=wasm&model=demo-caption&sample=parade`);
    await untilExplained(page, / for the sentence$/);
    const words = (await page.locator('.sentence button').allTextContents()).slice(0, -1);
    await page.getByRole('button', { name: 'Edit the image' }).click();
    await page.getByRole('button', { name: 'Erase to mean' }).click();
    await untilExplained(page, /^parade\.png, edited: .* for the sentence$/);
    expect((await page.locator('.sentence button').allTextContents()).slice(0, -1)).toEqual(words);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save edited image' }).click();
    const edited = path.join(site.folder, 'edited.png');
    await (await saving).saveAs(edited);
    const told = await askCommand(
      path.join(site.folder, 'edited'),
      ...[edited, '--model', 'demo-caption', '--models', site.models],
      ...['--say', words.join(' '), '--target', 'sentence'],
    );
    expect(relativeError(await savedMap(page), told.maps[0]!)).toBeLessThan(TOLERANCE);
    const { text } = told.line;
    if (text === undefined || !('caption' in text)) throw new Error('no caption');
    const shown = await answer().textContent();
    // The page shows three digits.
    const [, score] = /: log-probability (-[\d.]+)\. The/.exec(shown!)!;
    expect(Math.abs(Number(score) / text.logProbability - 1)).toBeLessThan(0.005);
    expect(shown).toContain(`The model itself says “${text.own!.caption}”`);
  });

  test('the page begins with a model of pictures, and shows what gradcam.json states of them', async () => {
    await page.goto(`${site.url}live.html#engine=wasm&sample=cat-and-dog`);
    await untilExplained(page);
    const model = page.getByRole('combobox', { name: 'Model', exact: true });
    // By their names the net of captions would come first.
    expect(await model.locator('option').allTextContents()).toEqual(
      expect.arrayContaining(['demo-caption', 'demo-resnet', 'demo-vqa']),
    );
    expect(await model.inputValue()).toBe('demo-resnet');
    await model.selectOption('demo-vqa');
    // demo/words/vqa/gradcam.json: scale 1, mean 0, RGB.
    await expect
      .poll(() => page.getByLabel('Input range').locator('option:checked').textContent())
      .toBe('stated: 0 to 255');
    expect(await page.getByLabel('Channels').locator('option:checked').textContent()).toBe(
      'stated: RGB',
    );
  });

  test('dropped files of Keras and of ONNX with their descriptions do the same', async () => {
    const bytes = (file: string): Uint8Array => readFileSync(path.join(words, file));
    await page.goto(`${site.url}live.html#engine=wasm&sample=cat-and-dog`);
    await untilExplained(page);
    await dropFiles(page, {
      'gradcam.json': bytes('vqa/gradcam.json'),
      'demo-vqa.keras': bytes('vqa/demo-vqa.keras'),
    });
    const field = page.getByRole('textbox', { name: 'Question' });
    await field.fill(question);
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await untilExplained(page, / at last for /);
    const served = await askCommand(
      path.join(site.folder, 'dropped'),
      ...[scenePath('cat-and-dog.png'), '--model', path.join(words, 'vqa/demo-vqa.keras')],
      ...['--ask', question],
    );
    expect(relativeError(await savedMap(page), served.maps[0]!)).toBeLessThan(TOLERANCE);
    await dropFiles(page, {
      'demo-caption.onnx': bytes('caption/demo-caption.onnx'),
      'gradcam.json': bytes('caption/gradcam.json'),
    });
    await untilExplained(page, / for the sentence$/);
    await part('whole sentence').waitFor();
  });
});
