import { parseResults, type ResultLine } from '@gradcam/core';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import npyjs from 'npyjs';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';
import { models } from './demo-nets.ts';

const weights = path.join(root, 'demo/weights');
const street = path.join(root, 'demo/scenes/street.png');
/** Of the demo nets. */
const SIDE = 128;

async function explainOne(
  image: string,
  ...flags: string[]
): Promise<{ out: string; line: ResultLine; stderr: string }> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stderr } = await runCommand([
    ...['explain', image, '--model', 'demo-vgg', '--models', models, '--out', out, ...flags],
  ]);
  expect(code, stderr).toBe(0);
  const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
  return { out, line: lines[0] as ResultLine, stderr };
}

function readRaw(out: string, line: ResultLine): Float32Array {
  const bytes = readFileSync(path.join(out, line.explanations[0]!.files['raw']!));
  return new npyjs().parse(new Uint8Array(bytes).buffer).data as Float32Array;
}

/** A picture of the model's size, so that nothing is resized; `level` of a pixel and channel. */
function drawPixels(level: (pixel: number, channel: number) => number): Uint8Array {
  return Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => level(Math.floor(i / 3), i % 3));
}

/** Some levels in 0..99 that differ by channel. */
function plain(pixel: number, channel: number): number {
  const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
  return Math.floor(50 + 49 * Math.sin(x / (7 + channel) + y / (11 - 2 * channel)));
}

const MEAN = [10, 20, 30];

/** Three pictures that are one and the same once the flags beside them are obeyed. */
const samePictures = [
  { pixels: drawPixels(plain), flags: ['--mean', '0,0,0', '--std', '1,1,1', '--channels', 'rgb'] },
  {
    pixels: drawPixels((pixel, channel) => 2 * plain(pixel, channel) + MEAN[channel]!),
    flags: ['--mean', MEAN.join(), '--std', '2,2,2', '--channels', 'rgb'],
  },
  {
    pixels: drawPixels((pixel, channel) => plain(pixel, 2 - channel)),
    flags: ['--mean', '0,0,0', '--std', '1,1,1', '--channels', 'bgr'],
  },
];

/** The same float32 operations on the same numbers. */
const SAME = 1e-5;

function expectNear(found: readonly number[], expected: readonly number[]): void {
  const range = Math.max(...expected) - Math.min(...expected);
  expect(range).toBeGreaterThan(0);
  found.forEach((value, i) => expect(Math.abs(value - expected[i]!)).toBeLessThan(SAME * range));
}

describe('what a model does not say of itself', () => {
  test('explain --mean, --std, --channels: (pixel - mean) / std, in the order of the channels', async () => {
    const folder = makeTemporaryFolder();
    const found: number[][] = [];
    for (const [i, { pixels, flags }] of samePictures.entries()) {
      const file = path.join(folder, `${i}.png`);
      await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).toFile(file);
      const { line } = await explainOne(file, '--input-range', '0..255', '--save', 'raw', ...flags);
      const sorted = [...line.predictions].sort((a, b) => a.index - b.index);
      found.push(sorted.flatMap(({ index, logit }) => [index, logit]));
    }
    expectNear(found[1]!, found[0]!);
    expectNear(found[2]!, found[0]!);
  });

  test('export has them in the file', async () => {
    const folder = makeTemporaryFolder();
    const found: number[][] = [];
    for (const [i, { pixels, flags }] of samePictures.entries()) {
      const out = path.join(folder, `${i}.onnx`);
      const { code, stderr } = await runCommand([
        ...['export', '--model', 'demo-vgg', '--models', models, '--out', out],
        ...['--input-range', '0..255', '--quiet', ...flags],
      ]);
      expect([code, stderr]).toEqual([0, '']);
      const session = await ort.InferenceSession.create(out);
      const image = new ort.Tensor('float32', Float32Array.from(pixels), [1, SIDE, SIDE, 3]);
      const { logits } = await session.run({ image });
      await session.release();
      found.push([...(logits!.data as Float32Array)]);
    }
    expectNear(found[1]!, found[0]!);
    expectNear(found[2]!, found[0]!);
  });

  test.each([
    ['crop', { x: 64, y: 0, width: 256, height: 256 }],
    ['squash', { x: 0, y: 0, width: 384, height: 256 }],
    ['letterbox', { x: 0, y: -64, width: 384, height: 384 }],
  ])('explain --fit %s shows the model that part of 384 x 256', async (fit, view) => {
    const { line } = await explainOne(street, '--fit', fit, '--save', 'raw');
    expect(line.view).toEqual(view);
  });
});

test('explain --batch changes how many go through at once, not the map', async () => {
  const flags = ['--method', 'rise', '--runs', '7', '--save', 'raw', '--target', 'car'];
  const one = await explainOne(street, ...flags, '--batch', '1');
  const three = await explainOne(street, ...flags, '--batch', '3');
  expectNear([...readRaw(three.out, three.line)], [...readRaw(one.out, one.line)]);
});

test('explain --threads changes how many compute, not the map', async () => {
  const flags = ['--save', 'raw', '--target', 'car', '--engine', 'onnx'];
  const one = await explainOne(street, ...flags, '--threads', '1');
  const two = await explainOne(street, ...flags, '--threads', '2');
  expectNear([...readRaw(two.out, two.line)], [...readRaw(one.out, one.line)]);
  const out = path.join(makeTemporaryFolder(), 'run');
  const { code, stdout, stderr } = await runCommand([
    ...['explain', street, '--model', 'demo-vgg', '--models', models, '--out', out],
    ...['--threads', '0'],
  ]);
  expect([code, stdout]).toEqual([64, '']);
  expect(stderr).toContain('--threads');
});

test('explain --debug says which engine was chosen', async () => {
  const { stderr } = await explainOne(street, '--save', 'raw', '--debug');
  expect(stderr).toMatch(/^debug: engine \S+, chosen by auto/m);
});

describe('fetch', () => {
  test('--dtype quantises the large kernels', async () => {
    const folder = makeTemporaryFolder();
    const { code, stdout, stderr } = await runCommand([
      ...['fetch', 'demo-vgg', '--dtype', 'float16', '--models', folder, '--no-probe', '--quiet'],
    ]);
    expect([code, stdout, stderr]).toEqual([0, `${path.join(folder, 'demo-vgg')}\n`, '']);
    const json = JSON.parse(readFileSync(path.join(folder, 'demo-vgg/model.json'), 'utf8')) as {
      weightsManifest: { weights: { name: string; quantization?: { dtype: string } }[] }[];
    };
    const all = json.weightsManifest.flatMap(({ weights }) => weights);
    const quantised = all.filter(({ quantization }) => quantization?.dtype === 'float16');
    // Small ones and biases stay as they are.
    expect(quantised.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['conv5_2/conv/kernel', 'fc6/dense/kernel']),
    );
  });

  test('--source takes a file for the published one; --debug names what was left out', async () => {
    const folder = makeTemporaryFolder();
    const { code, stdout, stderr } = await runCommand([
      ...['fetch', 'demo-resnet', '--source', path.join(weights, 'demo-resnet.tar.gz')],
      ...['--models', folder, '--cache', path.join(folder, 'cache'), '--no-probe', '--debug'],
    ]);
    expect([code, stdout]).toEqual([0, `${path.join(folder, 'demo-resnet')}\n`]);
    expect(stderr).toContain('debug: left out: global_step\n');
  });

  test('--offline with nothing in the --cache says what is missing, and where', async () => {
    const folder = makeTemporaryFolder();
    const cache = path.join(folder, 'cache');
    const { code, stdout, stderr } = await runCommand([
      ...['fetch', 'resnet_v1_50', '--offline', '--cache', cache, '--models', folder, '--quiet'],
    ]);
    expect([code, stdout]).toEqual([75, '']);
    expect(stderr).toContain(`is not in the cache (${path.join(cache, 'downloads')})`);
    expect(existsSync(path.join(folder, 'resnet_v1_50'))).toBe(false);
  });
});

describe('convert', () => {
  const source = path.join(weights, 'demo-vgg.npy');

  test('--id names the model, --no-probe leaves its result out, --quiet prints the folder', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const { code, stdout, stderr } = await runCommand([
      ...['convert', source, '--arch', 'demo-vgg', '--out', out],
      ...['--id', 'my-net', '--no-probe', '--quiet'],
    ]);
    expect([code, stdout, stderr]).toEqual([0, `${out}\n`, '']);
    const json = JSON.parse(readFileSync(path.join(out, 'model.json'), 'utf8')) as {
      userDefinedMetadata: { gradcam: { id: string; probe?: unknown } };
    };
    const { id, probe } = json.userDefinedMetadata.gradcam;
    expect([id, probe]).toEqual(['my-net', undefined]);
  });
});

test('export --labels writes the names into the file', async () => {
  const folder = makeTemporaryFolder();
  const names = Array.from({ length: 10 }, (_, i) => `name ${i}`);
  writeFileSync(path.join(folder, 'labels.txt'), names.join('\n'));
  const { code, stdout, stderr } = await runCommand([
    ...['export', '--model', 'demo-vgg', '--models', models, '--target', 'name 3', '--json'],
    ...['--labels', path.join(folder, 'labels.txt'), '--out', path.join(folder, 'out.onnx')],
  ]);
  expect(code, stderr).toBe(0);
  const { metadata } = JSON.parse(stdout) as { metadata: Record<string, string> };
  expect(JSON.parse(metadata['gradcam.labels']!)).toEqual(names);
  expect(readFileSync(path.join(folder, 'out.onnx')).includes('name 9')).toBe(true);
});

test('inspect --models finds a model by its id there, and nowhere else', async () => {
  const args = ['inspect', 'demo-vgg', '--json'];
  const { code, stdout, stderr } = await runCommand([...args, '--models', models]);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ id: 'demo-vgg', head: { classes: 10 } });
  const empty = makeTemporaryFolder();
  const env = { GRADCAM_MODELS: '', XDG_CACHE_HOME: empty };
  const elsewhere = await startCommand([...args, '--models', empty], { cwd: empty, env }).done;
  expect([elsewhere.code, elsewhere.stdout]).toEqual([66, '']);
  expect(elsewhere.stderr).toContain(`get it with: npx gradcam fetch demo-vgg --models ${empty}\n`);
});

test('sheet --quiet prints the file alone', async () => {
  const { out } = await explainOne(street, '--save', 'overlay');
  const { code, stdout, stderr } = await runCommand(['sheet', out, '--quiet']);
  expect([code, stdout, stderr]).toEqual([0, `${path.join(out, 'sheet.png')}\n`, '']);
  expect(existsSync(path.join(out, 'sheet.png'))).toBe(true);
});

test('view --port serves there until it is ended, with the models of --models', async () => {
  const { out } = await explainOne(street, '--save', 'overlay');
  const port = await findFreePort();
  const binary = path.join(root, 'packages/cli/bin/gradcam.mjs');
  const args = ['view', out, '--port', String(port), '--models', models];
  const child = spawn(process.execPath, [binary, ...args]);
  try {
    const address = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
      child.once('exit', (code) => reject(new Error(`view ended with ${code}`)));
    });
    expect(new URL(address)).toMatchObject({ hostname: '127.0.0.1', port: String(port) });
    expect((await fetch(address)).status).toBe(200);
    const served = await (await fetch(`${address}served.json`)).json();
    expect(served).toMatchObject({
      run: true,
      models: expect.arrayContaining([expect.objectContaining({ id: 'demo-vgg' })]),
    });
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }
});

test('view says how to explain live with the model of the run, where it is not served', async () => {
  const { out } = await explainOne(street, '--save', 'overlay');
  const empty = makeTemporaryFolder();
  const env = { GRADCAM_MODELS: '', XDG_CACHE_HOME: empty };
  const suggestion = `to explain live with the run's own model, add: --models ${models}\n`;
  for (const [flags, isSuggested] of [
    [[], true],
    [['--models', models], false],
  ] as const) {
    const { child, done } = startCommand(['view', out, ...flags], { cwd: empty, env });
    let told = '';
    await new Promise<void>((resolve) => {
      child.stderr!.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        if (told.includes('Ctrl-C ends')) resolve();
      });
      child.once('exit', () => resolve());
    });
    child.kill('SIGTERM');
    const { stderr } = await done;
    expect(stderr.includes(suggestion), stderr).toBe(isSuggested);
  }
});

function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

test.each([
  ['explain', [street, '--model', 'no-net', '--out', 'no-run'], 66],
  ['export', ['--model', 'no-net', '--out', 'no.onnx'], 66],
  ['convert', ['no-weights.npy', '--arch', 'vgg16', '--out', 'no-model'], 66],
  ['inspect', ['no-net'], 66],
  ['view', ['no-run'], 66],
  ['sheet', ['no-run'], 66],
  ['methods', ['--model', 'no-net'], 66],
  ['bench', ['--model', 'no-net'], 66],
  ['evaluate', [street, '--model', 'no-net', '--out', 'no-evaluation'], 66],
] as const)(
  '%s: an error is one line, and has its stack with --debug',
  async (name, args, exitCode) => {
    const cwd = makeTemporaryFolder();
    const { code, stdout, stderr } = await runCommand([name, ...args], cwd);
    expect([code, stdout, stderr.trim().split('\n').length]).toEqual([exitCode, '', 1]);
    const debug = await runCommand([name, ...args, '--debug'], cwd);
    expect([debug.code, debug.stdout]).toEqual([exitCode, '']);
    expect(debug.stderr).toMatch(/\n +at /);
    expect(readdirSync(cwd)).toEqual([]);
  },
);
