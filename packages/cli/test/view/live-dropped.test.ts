import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from '../run-command.ts';
import {
  dropFile,
  dropFiles,
  dropPaths,
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

/**
 * Of the page against the command: two right float32 engines differ by about 1e-6 of a map's terms, which may
 * be some ten times its own largest value.
 */
const TOLERANCE = 1e-4;

const fixtures = path.join(root, 'packages/core/test/fixtures');
const resnet = path.join(fixtures, 'onnx/resnet.torchscript-open.onnx');
const external = path.join(fixtures, 'onnx/external/resnet.onnx');
const scene = scenePath('cat-and-dog-128.png');
const engines = { onnx: 'onnx-wasm', wasm: 'tfjs-wasm' } as const;

/** A repository of Hugging Face: the file in `onnx`, what is said of it above. */
function makeRepository(): string {
  const folder = path.join(makeTemporaryFolder(), 'some-resnet');
  mkdirSync(path.join(folder, 'onnx'), { recursive: true });
  cpSync(resnet, path.join(folder, 'onnx/model.onnx'));
  const names = ['cat', 'dog', 'cow', 'hen', 'pig', 'ant', 'bee'];
  writeFileSync(
    path.join(folder, 'config.json'),
    JSON.stringify({ model_type: 'resnet', id2label: { ...names } }),
  );
  const processor = { do_normalize: true, image_mean: [0.5, 0.4, 0.3], image_std: [0.2, 0.2, 0.2] };
  writeFileSync(
    path.join(folder, 'preprocessor_config.json'),
    JSON.stringify({ ...processor, image_processor_type: 'ViTImageProcessor', size: 32 }),
  );
  return folder;
}

/** What the command writes and says. */
interface CommandAnswer {
  readonly map: RawMap;
  /** The lines `read from ..`, `not used: ..` and `assumed: ..`, these without that word. */
  readonly said: readonly string[];
}

const asked = new Map<string, Promise<CommandAnswer>>();

/** The command's map of the scene for class 2. */
function askCommand(model: string): Promise<CommandAnswer> {
  const run = async (): Promise<CommandAnswer> => {
    const out = path.join(makeTemporaryFolder(), 'run');
    const flags = ['--target', '2', '--save', 'raw', '--json', '--out', out];
    const { code, stdout, stderr } = await runCommand([
      ...['explain', scene, '--model', model],
      ...flags,
    ]);
    expect(code, stderr).toBe(0);
    const [explanation] = (JSON.parse(stdout) as { explanations: { files: { raw: string } }[] })
      .explanations;
    return {
      map: await readMap(path.join(out, explanation!.files.raw)),
      said: stderr
        .split('\n')
        .filter((line) => /^(read from|not used:|assumed:) /.test(line))
        .map((line) => line.replace('assumed: ', '')),
    };
  };
  if (!asked.has(model)) asked.set(model, run());
  return asked.get(model)!;
}

describe.skipIf(skipWithoutChromium())(
  'a model dropped on the live page',
  { timeout: 180_000 },
  () => {
    let site: LiveSite;
    let page: Page;
    let faults: string[];

    beforeAll(async () => {
      site = await openLiveSite();
    }, 180_000);

    afterAll(async () => {
      await site?.close();
    });

    beforeEach(async () => {
      ({ page, faults } = await openPage(site, 90_000));
    });

    afterEach(async () => {
      await page.close();
      // Requests to another origin are among the faults, and so is any that sends something.
      expect(faults).toEqual([]);
    });

    async function open(engine: keyof typeof engines): Promise<void> {
      await page.goto(`${site.url}live.html#engine=${engine}`);
      await page.getByText('Drop an image here').waitFor();
    }

    /** Asks for class 2 and compares the map, and what is said of the model, with the command's. */
    async function expectAsCommand(model: string, engine: keyof typeof engines): Promise<void> {
      await untilExplained(page);
      await page.getByLabel('Target').fill('2');
      await page.getByLabel('Target').press('Enter');
      await untilExplained(page, / for (class 2|cow|.*)$/);
      await expect.poll(() => page.getByLabel('Target').inputValue()).toBe('2');
      await untilExplained(page);
      const { map, said } = await askCommand(model);
      expect(relativeError(await savedMap(page), map)).toBeLessThan(TOLERANCE);
      expect(await page.locator('.engine-name').textContent()).toBe(engines[engine]);
      const read = await page.locator('p.read-from').allTextContents();
      const assumed = await page.locator('.assumptions li').allTextContents();
      expect([...read, ...assumed]).toEqual(said);
    }

    const bytes = (file: string): Uint8Array => readFileSync(file);

    describe.each(['onnx', 'wasm'] as const)('on %s', (engine) => {
      test('an ONNX file and a picture at once', async () => {
        await open(engine);
        await dropFiles(page, { 'net.onnx': bytes(resnet), 'scene.png': bytes(scene) });
        await expectAsCommand(resnet, engine);
        await page.getByText('Is the translation right?').click();
        await page
          .getByText(
            engine === 'onnx'
              ? /computes what the file says: .* of those of onnx-wasm running the file itself/
              : /was not compared with the file, which engine tfjs-wasm does not run/,
          )
          .waitFor();
      });

      test('an ONNX file with its weights in a second one, found by its base name', async () => {
        await open(engine);
        await dropFile(page, 'scene.png', bytes(scene));
        await dropPaths(page, [external, `${external}.data`]);
        await expectAsCommand(external, engine);
      });

      test('the folder of a repository, with what it says of the model', async () => {
        const folder = makeRepository();
        await open(engine);
        await dropFile(page, 'scene.png', bytes(scene));
        await dropPaths(page, [folder]);
        await untilExplained(page, / for (cat|dog|cow|hen|pig|ant|bee)$/);
        await expectAsCommand(folder, engine);
        await page.getByText('read from config.json: 7 class names').waitFor();
      });

      test.each([
        ['a LayersModel', 'outputs/labels'],
        ['a GraphModel', 'frozen/mobilenet-v2'],
      ])('the folder of %s of tfjs', async (_, net) => {
        const folder = path.join(fixtures, net);
        await open(engine);
        await dropFile(page, 'scene.png', bytes(scene));
        await page.getByLabel('Model folder').setInputFiles(folder);
        await expectAsCommand(folder, engine);
      });
    });

    test('by itself an ONNX file runs on ONNX Runtime, which can check it', async () => {
      await page.goto(`${site.url}live.html`);
      await page.getByLabel('Model files').setInputFiles([resnet, scene]);
      await untilExplained(page, /^cat-and-dog-128\.png: Grad-CAM at .* for class \d$/);
      expect(await page.locator('.engine-name').textContent()).toBe('onnx-wasm');
      // A model that is served is chosen as before, and the dropped one is still there.
      const choice = page.getByRole('combobox', { name: 'Model', exact: true });
      await choice.selectOption('demo-resnet');
      await untilExplained(page, /Grad-CAM at block3 for/);
      await choice.selectOption({ label: `your file: ${path.basename(resnet)}` });
      await untilExplained(page, / for class \d$/);
    });

    test('a second model of the same name takes the place of the first', async () => {
      await open('wasm');
      await dropFiles(page, { 'model.onnx': bytes(resnet), 'scene.png': bytes(scene) });
      await untilExplained(page, / at layer2/);
      const vgg = path.join(fixtures, 'onnx/vgg-bn.torchscript-open.onnx');
      await page.getByLabel('Target').fill('2');
      await page.getByLabel('Target').press('Enter');
      await dropFiles(page, { 'model.onnx': bytes(vgg) });
      await untilExplained(page, / at features/);
      expect(await page.getByLabel('Target').inputValue()).toBe('top1');
    });

    test.each<[string, () => Record<string, Uint8Array>, RegExp]>([
      [
        'a file of PyTorch',
        () => ({ 'net.pth': Buffer.from('PK') }),
        /net\.pth: no model was found; expected an \.onnx file, or a model\.json .*gradcam convert makes one/,
      ],
      [
        'a torn file of Keras',
        () => ({ 'net.h5': Buffer.from('\x89HDF\r\n\x1a\n', 'latin1') }),
        /net\.h5/,
      ],
      [
        'JSON that is no model',
        () => ({ 'notes.json': Buffer.from('{}') }),
        /notes\.json: no model was found/,
      ],
      [
        'a torn ONNX file',
        () => ({ 'net.onnx': bytes(resnet).subarray(0, 30_000) }),
        /net\.onnx is damaged at its byte \d+/,
      ],
      [
        'text as an ONNX file',
        () => ({ 'net.onnx': Buffer.from('GIF89a, no net') }),
        /net\.onnx (is damaged|has no graph)/,
      ],
      [
        'an ONNX file without its weights',
        () => ({ 'net.onnx': bytes(external) }),
        /no file resnet\.onnx\.data, which net\.onnx needs; give it together with net\.onnx/,
      ],
      [
        'two ONNX files',
        () => ({ 'a.onnx': bytes(resnet), 'b.onnx': bytes(resnet) }),
        /holds 2 ONNX files, a\.onnx, b\.onnx: give the files of one/,
      ],
      [
        'a model.json without its weights',
        () => ({ 'model.json': bytes(path.join(fixtures, 'outputs/labels/model.json')) }),
        /no file group1-shard1of1\.bin, which model\.json needs/,
      ],
      ['a text', () => ({ 'notes.txt': Buffer.from('hello') }), /notes\.txt/],
    ])('%s: one line', async (_, files, message) => {
      await open('wasm');
      await dropFiles(page, files());
      const alert = page.getByRole('alert').filter({ hasText: message });
      await alert.waitFor();
      expect((await alert.textContent())!.split('\n')).toHaveLength(1);
    });

    test('a folder that is no model, and two folders: one line', async () => {
      await open('wasm');
      const empty = path.join(makeTemporaryFolder(), 'holiday');
      mkdirSync(empty);
      writeFileSync(path.join(empty, 'one.txt'), 'x');
      await dropPaths(page, [empty]);
      await page
        .getByRole('alert')
        .getByText(/^holiday: no model was found; expected/)
        .waitFor();
      await dropPaths(page, [empty, makeRepository()]);
      await page
        .getByRole('alert')
        .getByText(/drop a model's folder alone/)
        .waitFor();
    });

    test('a link to a dropped model says what is missing', async () => {
      await open('wasm');
      await dropFiles(page, { 'net.onnx': bytes(resnet), 'scene.png': bytes(scene) });
      await untilExplained(page);
      await expect.poll(() => decodeURIComponent(page.url())).toContain('model=file:net.onnx');
      await page.reload();
      await page
        .getByRole('alert')
        .getByText(/^net\.onnx was a file of yours, which no link/)
        .waitFor();
    });
  },
);
