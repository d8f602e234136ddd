import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';
import {
  answersOf,
  kindFolders,
  readExpectation,
  type AnswerKind,
  type Expectation,
} from './kinds.ts';
import {
  dropFile,
  openLiveSite,
  openPage,
  readMap,
  relativeError,
  savedMap,
  untilExplained,
  type LiveSite,
  type RawMap,
} from './live-page.ts';
import { skipWithoutChromium } from './open-browser.ts';

/**
 * Of the page against Keras in float64 and against the command: two right float32 engines differ by about
 * 1e-6 of a map's terms, which may be some ten times its own largest value.
 */
const TOLERANCE = 1e-4;

/** Facts on the page are rounded to three digits. */
const THREE_DIGITS = 5.1e-3;

const engines = ['onnx', 'wasm'] as const;

const outputs: readonly (readonly [net: string, kind: AnswerKind])[] = [
  ['binary', 'binary'],
  ['coordinates', 'scores'],
  ['density', 'density'],
  ['labels', 'labels'],
  ['mask', 'mask'],
  ['masks', 'masks'],
  ['regression', 'value'],
  ['segmentation', 'map'],
  ['segmentation-flat', 'map'],
  ['segmentation-scores', 'map'],
  ['table', 'table'],
  ['two-heads', 'classes'],
];

const inputs: readonly (readonly [net: string, kind: AnswerKind, stated: string])[] = [
  ['colour', 'classes', ''],
  ['alpha', 'classes', ''],
  ['gray', 'classes', ''],
  ['no-channel-axis', 'classes', ''],
  ['channels-first', 'classes', ''],
  ['open-size', 'classes', '18x24'],
  ['rescaling', 'classes', ''],
  ['teachable-machine', 'classes', ''],
  ['embedding', 'scores', ''],
];

/**
 * The kinds that are tried on ONNX Runtime too, whose start in a page takes seconds. What the page does with an
 * answer does not depend on the engine, and the contract suites compare the engines.
 */
const onBothEngines: ReadonlySet<string> = new Set([
  'mask',
  'segmentation',
  'two-heads',
  'channels-first',
  'open-size',
]);

/** What the command writes and says of the same. */
interface CommandAnswer {
  readonly maps: readonly RawMap[];
  /** Value, share or probability, by the name of the class. */
  readonly predictions: ReadonlyMap<string, number>;
  /** The lines `read from ..`, `not used: ..` and `assumed: ..`, these without that word. */
  readonly said: readonly string[];
}

describe.skipIf(skipWithoutChromium())(
  'kinds of models on the live page',
  { timeout: 240_000 },
  () => {
    let site: LiveSite;
    let page: Page;
    let faults: string[];

    beforeAll(async () => {
      site = await openLiveSite();
      for (const folder of Object.values(kindFolders))
        cpSync(folder, site.models, { recursive: true });
    }, 180_000);

    afterAll(async () => {
      await site?.close();
    });

    afterEach(async () => {
      await page?.close();
    });

    async function open(
      fragment: string,
      { picture }: Pick<Expectation, 'picture'>,
    ): Promise<void> {
      ({ page, faults } = await openPage(site));
      await page.goto(`${site.url}live.html#${fragment}`);
      await dropFile(page, 'picture.png', picture);
    }

    /** By net and flags: what the command says does not depend on the page's engine. */
    const asked = new Map<string, Promise<CommandAnswer>>();

    function askCommand(
      net: string,
      expected: Expectation,
      ...flags: string[]
    ): Promise<CommandAnswer> {
      const key = [net, ...flags].join(' ');
      if (!asked.has(key)) asked.set(key, runExplain(net, expected, flags));
      return asked.get(key)!;
    }

    async function runExplain(
      net: string,
      { picture, cases }: Expectation,
      flags: readonly string[],
    ): Promise<CommandAnswer> {
      const image = path.join(site.folder, `${net}.png`);
      writeFileSync(image, picture);
      const out = path.join(site.folder, `run-${net}-${flags.join('')}`);
      const model = ['--model', net, '--models', site.models];
      const targets = cases.flatMap(({ target }) => ['--target', target]);
      const all = ['explain', image, ...model, '--out', out, '--save', 'raw', '--json'];
      const { code, stdout, stderr } = await runCommand([...all, ...targets, ...flags]);
      expect(code, stderr).toBe(0);
      const { predictions, explanations } = JSON.parse(stdout) as {
        predictions: Shown[];
        explanations: { files: { raw: string } }[];
      };
      return {
        maps: await Promise.all(
          explanations.map(({ files }) => readMap(path.join(out, files.raw))),
        ),
        predictions: new Map(predictions.map((one) => [nameOf(one), numberOf(one)])),
        said: stderr
          .split('\n')
          .filter((line) => /^(read from|not used:|assumed:) /.test(line))
          .map((line) => line.replace('assumed: ', '')),
      };
    }

    /** What stands at the bars: the name, and the number behind the rounded text. */
    async function predictionsOnPage(): Promise<ReadonlyMap<string, number>> {
      const bars = await page.locator('.bars li').evaluateAll((all) =>
        all.map((bar) => {
          const value = bar.querySelector('data')!.value;
          return [bar.querySelector('.bar-name')!.textContent, Number(value)] as const;
        }),
      );
      return new Map(bars);
    }

    async function saidOnPage(): Promise<string[]> {
      const read = await page.locator('p.read-from').allTextContents();
      return [...read, ...(await page.locator('.assumptions li').allTextContents())];
    }

    const label = async (): Promise<string | null> =>
      page.locator('.live-figure').getByRole('img').first().getAttribute('aria-label');

    /** Goes through the cases of one net, the first of which the page was opened with. */
    async function compareMaps({ cases }: Expectation, command: CommandAnswer): Promise<void> {
      for (const [i, { target, score, map: exact }] of cases.entries()) {
        if (i > 0) {
          const before = await label();
          await page.getByLabel('Target').fill(target);
          await page.getByLabel('Target').press('Enter');
          await expect.poll(label, { message: target }).not.toBe(before);
        }
        await untilExplained(page);
        const map = await savedMap(page);
        expect(relativeError(map, exact), `${target}, Keras`).toBeLessThan(TOLERANCE);
        expect(relativeError(map, command.maps[i]!), `${target}, command`).toBeLessThan(TOLERANCE);
        const fact = page.locator('.live-facts dl > div', { hasText: 'Score' }).locator('dd');
        const shown = Number(await fact.textContent());
        expect(Math.abs(shown - score) / Math.max(1, Math.abs(score))).toBeLessThan(THREE_DIGITS);
      }
    }

    function comparePredictions(
      shown: ReadonlyMap<string, number>,
      command: CommandAnswer,
      exact: readonly number[],
      names: readonly string[] = [],
    ): void {
      expect([...shown.keys()]).toEqual([...command.predictions.keys()]);
      expect(shown.size).toBe(Math.min(5, exact.length));
      for (const [name, value] of shown) {
        expect(Math.abs(value - command.predictions.get(name)!), name).toBeLessThan(TOLERANCE);
        const index = name === 'value' ? 0 : names.indexOf(name);
        const known = exact[index < 0 ? Number(name.replace('class ', '')) : index]!;
        const scale = Math.max(1, Math.abs(known));
        expect(Math.abs(value - known) / scale, `${name}, Keras`).toBeLessThan(TOLERANCE);
      }
    }

    describe.each(engines)('on %s', (engine) => {
      const tried = <T extends readonly [string, ...unknown[]]>(all: readonly T[]): readonly T[] =>
        engine === 'wasm' ? all : all.filter(([net]) => onBothEngines.has(net));

      test.each(tried(outputs))('output %s: what Keras and the command say', async (net, kind) => {
        const expected = await readExpectation('outputs', net);
        const command = await askCommand(net, expected, '--layer', 'features');
        const first = encodeURIComponent(expected.cases[0]!.target);
        await open(`model=${net}&engine=${engine}&layer=features&target=${first}`, expected);
        await untilExplained(page);
        const [output] = Object.values(expected.outputs) as [RawMap];
        const flat = { ...output, shape: output.shape };
        comparePredictions(
          await predictionsOnPage(),
          command,
          answersOf(kind, flat, expected.logits),
        );
        await compareMaps(expected, command);
        expect(await saidOnPage()).toEqual(command.said);
        expect(faults).toEqual([]);
      });

      test.each(tried(inputs))(
        'input %s: what Keras and the command say',
        async (net, kind, size) => {
          const expected = await readExpectation('inputs', net);
          const flags = size === '' ? [] : ['--input-size', size];
          const command = await askCommand(net, expected, ...flags);
          const first = encodeURIComponent(expected.cases[0]!.target);
          await open(
            `model=${net}&engine=${engine}&target=${first}${size === '' ? '' : `&size=${size}`}`,
            expected,
          );
          await untilExplained(page);
          const names = net === 'teachable-machine' ? ['mug', 'plant', 'nothing'] : [];
          const exact = answersOf(kind, expected.outputs['out']!, expected.logits);
          comparePredictions(await predictionsOnPage(), command, exact, names);
          await compareMaps(expected, command);
          expect(await saidOnPage()).toEqual(command.said);
          expect(faults).toEqual([]);
        },
      );
    });

    test('another output is chosen on the page', async () => {
      const expected = await readExpectation('outputs', 'two-heads');
      const command = await askCommand('two-heads', { ...expected, cases: [] }, '--output', 'kind');
      await open('model=two-heads&engine=wasm', expected);
      await untilExplained(page);
      await page.getByLabel('Output').selectOption('kind');
      await expect.poll(async () => (await predictionsOnPage()).size).toBe(5);
      const exact = [...expected.outputs['kind']!.data];
      comparePredictions(await predictionsOnPage(), command, exact);
      expect(relativeError(await savedMap(page), command.maps[0]!)).toBeLessThan(TOLERANCE);
      await expect.poll(() => page.url()).toContain('output=kind');
      expect(faults).toEqual([]);
    });

    test('a size that a model leaves open is said, and stated on the page', async () => {
      const expected = await readExpectation('inputs', 'open-size');
      await open('model=open-size&engine=wasm&target=0', expected);
      await untilExplained(page);
      await page.getByText('leaves its size open, 224x224 is assumed').waitFor();
      const field = page.getByLabel('Input size');
      await field.fill('18x24');
      await field.press('Enter');
      await page.getByText('leaves its size open').waitFor({ state: 'detached' });
      await untilExplained(page);
      const [{ map }] = expected.cases as [Expectation['cases'][number]];
      expect(relativeError(await savedMap(page), map)).toBeLessThan(TOLERANCE);
      await field.fill('eighteen');
      await field.press('Enter');
      await page.getByRole('alert').getByText('expected height and width in pixels').waitFor();
      await field.fill('');
      await field.press('Enter');
      await page.getByText('leaves its size open, 224x224 is assumed').waitFor();
      expect(faults).toEqual([]);
    });

    test.each([
      ['two-inputs', /the model has inputs besides the picture for image: facts \[2\]/],
      ['four-channels', /4 channels, where a picture has 3 or 1/],
    ])('%s: refused by name, in the words of the command', async (net, words) => {
      const expected = await readExpectation('inputs', 'colour');
      const image = path.join(site.folder, `${net}.png`);
      writeFileSync(image, expected.picture);
      const out = path.join(site.folder, `run-${net}`);
      const flags = ['--model', net, '--models', site.models, '--out', out];
      const { stderr } = await runCommand(['explain', image, ...flags]);
      expect(stderr).toMatch(words);
      await open(`model=${net}&engine=wasm`, expected);
      await page.getByRole('alert').filter({ hasText: words }).waitFor();
      expect(faults).toEqual([]);
    });

    test('a first photo with a demo net: what it knows, and the way to a net of photos', async () => {
      const { picture } = await readExpectation('inputs', 'colour');
      await open('model=demo-resnet&engine=wasm', { picture });
      await untilExplained(page);
      const note = page.getByRole('note');
      await note.getByText('demo-resnet was trained on drawings of ten things').waitFor();
      await note.getByText('npx gradcam fetch mobilenet_v1_0.25_224').waitFor();
      // Not of the samples, which are such drawings.
      await page.getByRole('button', { name: 'Sample image: Cat and dog' }).click();
      await note.waitFor({ state: 'detached' });
      expect(faults).toEqual([]);
    });
  },
);

interface Shown {
  readonly index: number;
  readonly label?: string;
  readonly probability?: number;
  readonly share?: number;
  readonly value?: number;
}

function nameOf({ index, label, value }: Shown): string {
  return label ?? (value === undefined ? `class ${index}` : 'value');
}

function numberOf({ value, share, probability }: Shown): number {
  return value ?? share ?? probability ?? NaN;
}
