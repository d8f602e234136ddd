import { describeModel, prepareInput, type InputDescription } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import { chromium, type Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveFolders } from './serve-root.ts';

/** ONNX Runtime on wasm against native kernels, relative to the largest value of the raw map. */
const ANOTHER_RUNTIME = 1e-4;

/** Programs start in tenths of a second, on a busy machine in many. */
const TIMEOUT = 120_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const scene = path.join(root, 'demo/scenes/cat-and-dog.png');
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-examples-'));
const model = path.join(folder, 'demo-resnet');
const explained = path.join(folder, 'explained.onnx');
const mobilenet = path.join(
  process.env['GRADCAM_SHARED'] ?? path.join(root, '../shared'),
  'data/mobilenet_v1_0.25_224',
);
const chromiumPath = [
  process.env['GRADCAM_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
].find((file) => file !== undefined && file !== '' && existsSync(file));

/** Runs a program from the root, as the README says. */
function run(program: string, ...args: readonly string[]): string {
  const command = [path.join(root, program), ...args];
  return execFileSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

/** Weights of a linear layer for the first class, from the files of the model. */
async function readWeights(model: string, layer: string): Promise<number[]> {
  const { manifest } = await describeModel(openModelFolder(model));
  let offset = 0;
  for (const { paths, weights } of manifest!) {
    const bytes = Buffer.concat(paths.map((one) => readFileSync(path.join(model, one))));
    for (const { name, shape } of weights) {
      const size = shape.reduce((product, side) => product * side, 1);
      if (name.endsWith(`${layer}/kernel`)) {
        const classes = shape.at(-1)!;
        const read = (k: number): number => bytes.readFloatLE(offset + 4 * k * classes);
        return Array.from({ length: size / classes }, (_, k) => read(k));
      }
      offset += 4 * size;
    }
  }
  throw new Error(`no weights of ${layer}`);
}

beforeAll(() => {
  const gradcam = 'packages/cli/bin/gradcam.mjs';
  run(gradcam, 'fetch', 'demo-resnet', '--models', folder, '--quiet');
  run(gradcam, 'export', '--model', model, '--target', 'cat', '--out', explained, '--quiet');
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('programs for Node', () => {
  test('all are listed, and run here or in examples-of-models.test.ts', () => {
    const programs = readdirSync(path.join(root, 'examples')).filter((name) =>
      name.endsWith('.mjs'),
    );
    expect(programs.sort()).toEqual([
      ...['class-channels.mjs', 'explain-folder.mjs', 'explain-in-node.mjs'],
      ...['fastify-endpoint.mjs', 'fooled.mjs', 'keras-model.mjs', 'mean-maps.mjs'],
      ...['occlusion-ranks.mjs', 'onnx-file.mjs', 'own-activations.mjs'],
      ...['run-explained-onnx.mjs', 'teachable-machine.mjs'],
    ]);
    const readme = readFileSync(path.join(root, 'examples/README.md'), 'utf8');
    expect(programs.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });

  test(
    'explain-in-node: the map of each class is strongest within its box',
    { timeout: TIMEOUT },
    async () => {
      const scenes = JSON.parse(
        readFileSync(path.join(root, 'demo/scenes/scenes.json'), 'utf8'),
      ) as {
        objects: { class: string; box: { x: number; y: number; width: number; height: number } }[];
      }[];
      for (const { class: label, box } of scenes[0]!.objects) {
        const out = path.join(folder, `${label}.png`);
        const printed = run('examples/explain-in-node.mjs', model, scene, label, out);
        const found = /^(\w+): logit -?[\d.]+, strongest at \((\d+), (\d+)\)\n$/.exec(printed)!;
        expect(found[1]).toBe(label);
        const [x, y] = [Number(found[2]), Number(found[3])];
        expect(x).toBeGreaterThanOrEqual(box.x);
        expect(x).toBeLessThan(box.x + box.width);
        expect(y).toBeGreaterThanOrEqual(box.y);
        expect(y).toBeLessThan(box.y + box.height);
        expect(await sharp(out).metadata()).toMatchObject({ width: 256, height: 256 });
      }
    },
  );

  test(
    'mean-maps: a net that learnt a tag in the corner shows it',
    { timeout: TIMEOUT },
    async () => {
      const scenes = path.join(folder, 'biased');
      run('tools/demo/biased-scenes.mjs', scenes, '--train', '0', '--test', '24');
      const all = path.join(folder, 'biased-all');
      cpSync(path.join(scenes, 'test/cat'), all, { recursive: true });
      cpSync(path.join(scenes, 'test/dog'), all, { recursive: true });
      const out = path.join(folder, 'mean-maps.png');
      const printed = run('examples/mean-maps.mjs', 'demo/biased', all, '3,55,14,6', out);
      const [region, cat, dog] = printed.split('\n').map((line) => /([\d.]+) %/.exec(line)?.[1]);
      // 14 x 6 of 64 x 64 pixels. All cats are called so; without the tag, none of them would be.
      expect(region).toBe('2.1');
      expect(printed).toMatch(/^cat: 12 images, .*\ndog: 12 images, /m);
      expect(Number(cat)).toBeGreaterThan(10 * Number(region));
      expect(Number(dog)).toBeLessThan(2 * Number(region));
      expect(await sharp(out).metadata()).toMatchObject({ width: 512, height: 512 });
    },
  );

  test('fooled: the label is wrong, the picture within 8 levels', { timeout: TIMEOUT }, () => {
    const picture = path.join(root, 'demo/scenes/cat-and-dog-128.png');
    const lines = run('examples/fooled.mjs', model, picture, 'sailboat', 'cat', 'dog').split('\n');
    expect(lines[0]).toMatch(/^before: dog /);
    expect(Number(/^after: sailboat ([\d.]+) %$/.exec(lines[3]!)![1])).toBeGreaterThan(90);
    expect(lines.filter((line) => /^ {2}(cat|dog) strongest at /.test(line))).toHaveLength(4);
  });

  test('occlusion-ranks: every method has its correlation', { timeout: TIMEOUT }, () => {
    const pair = path.join(folder, 'pair');
    mkdirSync(pair);
    for (const name of ['cat-and-dog-128.png', 'parade-128.png']) {
      cpSync(path.join(root, 'demo/scenes', name), path.join(pair, name));
    }
    const rows = run('examples/occlusion-ranks.mjs', model, pair).trim().split('\n');
    const read = rows.map((row) => /^([\w-]+) +(-?[\d.]+) \[(-?[\d.]+), (-?[\d.]+)\]/.exec(row)!);
    expect(read.map(([, method]) => method)).toEqual([
      ...['grad-cam', 'guided-grad-cam', 'guided-backprop', 'gradient', 'random-cam'],
    ]);
    for (const [, , mean, low, high] of read) {
      expect(Number(mean)).toBeGreaterThanOrEqual(Number(low));
      expect(Number(mean)).toBeLessThanOrEqual(Number(high));
    }
    // On this net, the map of Grad-CAM rises where covering costs the score.
    expect(Number(read[0]![2])).toBeGreaterThan(0);
  });

  test(
    'class-channels: the weights are those of the linear layer',
    { timeout: TIMEOUT },
    async () => {
      const out = path.join(folder, 'tiles.png');
      const printed = run(
        'examples/class-channels.mjs',
        model,
        'cat',
        path.join(folder, 'pair'),
        out,
      );
      const read = [...printed.matchAll(/channel (\d+): weight (-?[\d.e-]+)/g)];
      const channels = read.map(([, channel]) => Number(channel));
      // Behind a mean over 8 x 8 cells, the gradient is the weight of the linear layer by 64.
      const weights = await readWeights(model, 'logits');
      const order = weights.map((_, k) => k).sort((a, b) => weights[b]! - weights[a]!);
      expect(channels).toEqual([...order.slice(0, 5), ...order.slice(-5)]);
      expect(Number(read[0]![2])).toBeCloseTo(weights[order[0]!]! / 64, 5);
      expect(await sharp(out).metadata()).toMatchObject({ width: 640, height: 256 });
    },
  );

  test('own-activations: the toy net’s maps, computed by hand', { timeout: TIMEOUT }, () => {
    const lines = run('examples/own-activations.mjs').split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'Grad-CAM [ 0, 4, 28, 32.5 ]',
      'HiResCAM [ 0, 4, 25, 25 ]',
      // The centre of the last cell, of 3 x 2 pixels.
      'strongest at { x: 4.5, y: 3 }',
    ]);
    // Corners are those of the grid, divided by 32.5.
    expect(lines[3]!.split(' ')).toHaveLength(6);
    expect([lines[3]!.slice(0, 4), lines[6]!.slice(-4)]).toEqual(['0.00', '1.00']);
  });

  test('run-explained-onnx: the heatmap lies on the cat', { timeout: TIMEOUT }, async () => {
    const out = path.join(folder, 'heatmap.png');
    const printed = run('examples/run-explained-onnx.mjs', explained, scene, out);
    // Exported for the cat, class 0, of a grid of 8 x 8.
    expect(printed).toMatch(/^class 0, probability 0\.\d{3}\nraw map 8 x 8, heatmap 128 x 128\n$/);
    const { data, info } = await sharp(out).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 128, height: 128 });
    const brightest = data.indexOf(255) / info.channels;
    // The cat is in the left half of the scene.
    expect(brightest % 128).toBeLessThan(64);
  });
});

describe('the page of plain modules', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveFolders>>;
  const page = 'examples/explained-onnx-in-a-page';
  if (chromiumPath === undefined) {
    console.warn('examples of pages skipped: no Chromium found (or set GRADCAM_CHROMIUM)');
  }
  const withChromium = test.skipIf(chromiumPath === undefined);

  beforeAll(async () => {
    if (chromiumPath === undefined) return;
    server = await serveFolders({ '': root, exported: folder });
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
        ...['--disable-background-networking', '--disable-component-update'],
      ],
    });
  }, TIMEOUT);
  afterAll(async () => {
    await browser?.close();
    server?.close();
  });

  withChromium('shows class and heatmap', { timeout: TIMEOUT }, async () => {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    await tab.goto(
      `${server.url}/${page}/?model=/exported/explained.onnx&image=/demo/scenes/cat-and-dog.png`,
    );
    await tab.waitForFunction(() => document.querySelector('#answer')!.textContent!.includes('%'));
    expect(await tab.textContent('#answer')).toMatch(/^class 0, \d+\.\d %$/);
    expect(faults).toEqual([]);
    // Red is added where the cat is, in the left half, more than in the right.
    const red = await tab.evaluate(() => {
      const canvas = document.querySelector('canvas')!;
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      const sums = [0, 0];
      data.forEach((value, i) => {
        const half = (i / 4) % canvas.width < canvas.width / 2 ? 0 : 1;
        if (i % 4 === 0) sums[half]! += value;
        if (i % 4 === 1) sums[half]! -= value;
      });
      return sums;
    });
    expect(red[0]).toBeGreaterThan(red[1]!);
    await tab.close();
  });

  withChromium('page-without-bundler: the map lies on the cat', { timeout: TIMEOUT }, async () => {
    const tab = await browser.newPage();
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    await tab.goto(
      `${server.url}/examples/page-without-bundler/?model=/exported/demo-resnet/&image=/demo/scenes/cat-and-dog.png&class=cat`,
    );
    await tab.waitForFunction(() => document.querySelector('#here')!.textContent !== '');
    const said = await tab.textContent('#here');
    const [, x, y] = /^cat: strongest at ([\d.]+), ([\d.]+)$/.exec(said!)!;
    // The cat's box in scenes.json.
    expect(Number(x)).toBeGreaterThanOrEqual(14);
    expect(Number(x)).toBeLessThan(14 + 88);
    expect(Number(y)).toBeGreaterThanOrEqual(45);
    expect(Number(y)).toBeLessThan(45 + 99);
    expect(faults).toEqual([]);
    await tab.close();
  });

  const cases = [
    ['demo-resnet', model, {}],
    ['mobilenet', mobilenet, { inputRange: '-1..1' }],
  ] as const;
  for (const [name, source, options] of cases) {
    const isThere = name !== 'mobilenet' || existsSync(source);
    if (!isThere)
      console.warn('skipped: no data/mobilenet_v1_0.25_224 in ../shared or $GRADCAM_SHARED');
    test.skipIf(chromiumPath === undefined || !isThere)(
      `${name}: raw map and heatmap as in Node`,
      { timeout: TIMEOUT },
      async () => {
        const file = path.join(folder, `${name}.onnx`);
        const flags = name === 'mobilenet' ? ['--input-range=-1..1'] : [];
        run(
          ...([
            'packages/cli/bin/gradcam.mjs',
            'export',
            '--model',
            source,
            '--out',
            file,
            '--quiet',
          ] as const),
          ...flags,
        );
        const { input } = await describeModel(openModelFolder(source), options);
        const asPixels = { scale: 1, mean: [0, 0, 0], std: [1, 1, 1], channelOrder: 'rgb' };
        const described = { ...input, ...asPixels } as InputDescription;
        const { values } = prepareInput(await readImage(scene), described);

        const session = await ort.InferenceSession.create(file);
        const image = new ort.Tensor('float32', values.data, [...values.shape]);
        const expected = await session.run({ image });
        await session.release();

        const tab = await browser.newPage();
        await tab.goto(
          `${server.url}/${page}/?model=/exported/explained.onnx&image=/demo/scenes/cat-and-dog.png`,
        );
        // As text: the tests' own bundler would rewrite the import.
        const found = await tab.evaluate<number[][]>(`(async () => {
          const { openExplained, runExplained } = await import('/${page}/run-explained.mjs');
          const session = await openExplained('/exported/${name}.onnx');
          const { raw, heatmap } = await runExplained(session, ${JSON.stringify([...values.data])});
          return [raw, heatmap].map(({ data }) => [...data]);
        })()`);
        await tab.close();
        for (const [i, output] of ['raw', 'heatmap'].entries()) {
          const wanted = [...(expected[output]!.data as Float32Array)];
          const largest = Math.max(...wanted.map(Math.abs));
          const error = Math.max(...wanted.map((value, k) => Math.abs(value - found[i]![k]!)));
          expect(found[i]).toHaveLength(wanted.length);
          expect(error / largest).toBeLessThanOrEqual(ANOTHER_RUNTIME);
          console.info(`${name} ${output}: ${(error / largest).toExponential(1)} from Node`);
        }
      },
    );
  }
});
