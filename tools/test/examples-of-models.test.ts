import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { input, layer, sequentialModel } from '../../packages/core/test/helper/keras-model.ts';
import { filesOf } from '../../packages/core/test/helper/model-files.ts';

/** The programs of examples/ that open models of other programs, a folder of images, or a port. */

/** Programs start in tenths of a second, on a busy machine in many. */
const TIMEOUT = 120_000;

/** Two float32 programs, relative to the largest value. */
const TOLERANCE = 1e-5;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-examples-of-models-'));
const scene = path.join(root, 'demo/scenes/cat-and-dog.png');
const model = path.join(folder, 'demo-resnet');

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function run(program: string, ...args: readonly string[]): string {
  const command = [path.join(root, program), ...args];
  return execFileSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

/** Where the scene states that an object is. */
function boxOf(file: string, label: string): Box {
  const scenes = JSON.parse(readFileSync(path.join(root, 'demo/scenes/scenes.json'), 'utf8')) as {
    file: string;
    objects: { class: string; box: Box }[];
  }[];
  const { objects } = scenes.find((one) => one.file === file)!;
  return objects.find((one) => one.class === label)!.box;
}

function expectInside(box: Box, [x, y]: readonly number[]): void {
  expect(x).toBeGreaterThanOrEqual(box.x);
  expect(x).toBeLessThan(box.x + box.width);
  expect(y).toBeGreaterThanOrEqual(box.y);
  expect(y).toBeLessThan(box.y + box.height);
}

beforeAll(() => {
  const gradcam = 'packages/cli/bin/gradcam.mjs';
  run(gradcam, 'fetch', 'demo-resnet', '--models', folder, '--quiet');
}, TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('explain-folder: each image has a line and an overlay', { timeout: TIMEOUT }, async () => {
  const [images, out] = [path.join(folder, 'images'), path.join(folder, 'overlays')];
  mkdirSync(images);
  for (const name of ['cat-and-dog.png', 'parade.png']) {
    cpSync(path.join(root, 'demo/scenes', name), path.join(images, name));
  }
  const lines = run('examples/explain-folder.mjs', model, images, out).trim().split('\n');
  expect(lines).toHaveLength(2);
  for (const line of lines) {
    const found = /^(\S+): (\w+) [\d.]+ %, strongest at \((\d+), (\d+)\)$/.exec(line)!;
    const [, file, label, x, y] = found;
    expectInside(boxOf(file!, label!), [Number(x), Number(y)]);
    expect(await sharp(path.join(out, file!)).metadata()).toMatchObject({ width: 256 });
  }
});

describe('fastify-endpoint', () => {
  let server: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const command = [path.join(root, 'examples/fastify-endpoint.mjs'), model, '0'];
    server = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    const [said] = (await once(server.stdout!, 'data')) as [Buffer];
    url = String(said).trim();
  }, TIMEOUT);
  afterAll(() => server?.kill());

  const picture = new Uint8Array(readFileSync(scene));
  const post = (query: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
    fetch(`${url}/${query}`, { method: 'POST', headers: { 'content-type': 'image/png' }, body });

  test('answers with the overlay of the class', { timeout: TIMEOUT }, async () => {
    const answers = await Promise.all(
      ['cat', 'dog'].map((name) => post(`?class=${name}`, picture)),
    );
    for (const [i, name] of ['cat', 'dog'].entries()) {
      const { status, headers } = answers[i]!;
      expect([status, headers.get('x-class')]).toEqual([200, name]);
      const peak = headers.get('x-strongest-at')!.split(',').map(Number);
      expectInside(boxOf('cat-and-dog.png', name), peak);
      const overlay = await sharp(Buffer.from(await answers[i]!.arrayBuffer())).metadata();
      expect(overlay).toMatchObject({ format: 'png', width: 256, height: 256 });
    }
  });

  test('says in one line what is wrong', { timeout: TIMEOUT }, async () => {
    const none = await post('?class=zebra', picture);
    const noImage = await post('', 'no image');
    expect([none.status, noImage.status]).toEqual([400, 400]);
    expect(((await none.json()) as { error: string }).error).toContain("'zebra'");
    expect(await post('?class=cat', picture)).toHaveProperty('status', 200);
  });
});

test('keras-model: Grad-CAM is that of TensorFlow', { timeout: TIMEOUT }, async () => {
  const fixtures = path.join(root, 'packages/converter/test/fixtures/keras');
  const { picture, nets } = JSON.parse(
    readFileSync(path.join(fixtures, 'expected.json'), 'utf8'),
  ) as {
    picture: { uint8: string };
    nets: { sequential: { class: number; map: { float32: string } } };
  };
  const [source, image] = [path.join(folder, 'net.keras'), path.join(folder, 'keras.png')];
  cpSync(path.join(fixtures, 'sequential.keras'), source);
  const raw = { width: 12, height: 12, channels: 3 } as const;
  await sharp(Buffer.from(picture.uint8, 'base64'), { raw }).png().toFile(image);

  const out = path.join(folder, 'keras-overlay.png');
  const lines = run('examples/keras-model.mjs', source, image, out).split('\n');
  const { class: best, map } = nets.sequential;
  expect(lines[0]).toMatch(new RegExp(`^class ${best}, a map of 4 x 4 cells at layer `));
  const bytes = Buffer.from(map.float32, 'base64');
  const wanted = Array.from({ length: 16 }, (_, i) => bytes.readFloatLE(4 * i));
  const found = lines[1]!.split(' ').map(Number);
  expect(found).toHaveLength(16);
  const worst = Math.max(...wanted.map((value, i) => Math.abs(value - found[i]!)));
  expect(worst / Math.max(...wanted.map(Math.abs))).toBeLessThan(TOLERANCE);
});

test(
  'teachable-machine: scores by hand, and the map lies on its colour',
  { timeout: TIMEOUT },
  async () => {
    const [net, image] = [path.join(folder, 'my-image-model'), path.join(folder, 'red-blue.png')];
    await writeTeachableNet(net);
    // 5 of 8 columns are red, 3 are blue.
    const colours = { red: [255, 0, 0], blue: [0, 0, 255] };
    const row = Array.from({ length: 8 }, (_, x) => (x < 5 ? colours.red : colours.blue)).flat();
    const pixels = Buffer.from(Array.from({ length: 8 }, () => row).flat());
    await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toFile(image);

    const out = path.join(folder, 'teachable.png');
    const lines = run('examples/teachable-machine.mjs', net, image, out).split('\n');
    // Its library makes pixels p / 127 - 1. A filter has the red of red pixels, and 0 for blue ones.
    const logits = [5 / 8, 3 / 8].map((share) => share * (255 / 127 - 1));
    const sum = logits.reduce((total, one) => total + Math.exp(one), 0);
    const [red, blue] = logits.map((one) => ((100 * Math.exp(one)) / sum).toFixed(1));
    expect(lines.slice(0, 2)).toEqual([`Red: ${red} %`, `Blue: ${blue} %`]);
    const [, x] = /^Red is strongest at \(([\d.]+), /.exec(lines[2]!)!;
    expect(Number(x)).toBeLessThan(5);
  },
);

/** A net in the files that Teachable Machine exports: what of a picture is red, and what is blue. */
async function writeTeachableNet(net: string): Promise<void> {
  const array = (shape: number[], data: number[]) => ({ shape, data: Float32Array.from(data) });
  const conv = { filters: 2, kernel_size: [1, 1], use_bias: false, activation: 'relu' };
  const dense = { units: 2, use_bias: false, activation: 'softmax' };
  const files = filesOf(
    sequentialModel([
      input('image', 8, 8, 3),
      layer('Conv2D', 'conv', conv, { kernel: array([1, 1, 3, 2], [1, 0, 0, 0, 0, 1]) }),
      layer('GlobalAveragePooling2D', 'pool'),
      layer('Dense', 'dense', dense, { kernel: array([2, 2], [1, 0, 0, 1]) }),
    ]),
  );
  mkdirSync(net);
  for (const name of ['model.json', 'weights.bin']) {
    writeFileSync(path.join(net, name), await files.readFile(name));
  }
  const metadata = {
    ...{ tfjsVersion: '1.3.1', tmVersion: '2.4.5', packageName: '@teachablemachine/image' },
    ...{ modelName: 'my-image-model', labels: ['Red', 'Blue'], imageSize: 8 },
  };
  writeFileSync(path.join(net, 'metadata.json'), JSON.stringify(metadata));
}

test(
  'onnx-file: class and logit as ONNX Runtime alone computes them',
  { timeout: TIMEOUT },
  async () => {
    const file = path.join(root, 'packages/core/test/fixtures/onnx/resnet.torchscript-fixed.onnx');
    const image = path.join(folder, 'small.png');
    await sharp(scene).resize(32, 32).png().toFile(image);
    const out = path.join(folder, 'onnx.png');
    const printed = run('examples/onnx-file.mjs', file, image, 'layer-cam', out);

    const pixels = await sharp(image).removeAlpha().raw().toBuffer();
    const [mean, std] = [
      [0.485, 0.456, 0.406],
      [0.229, 0.224, 0.225],
    ] as const;
    const planes = [0, 1, 2].flatMap((k) =>
      Array.from({ length: 1024 }, (_, i) => (pixels[3 * i + k]! / 255 - mean[k]!) / std[k]!),
    );
    const session = await ort.InferenceSession.create(file);
    const [name] = session.inputNames;
    const described = session.inputMetadata[0]! as ort.InferenceSession.TensorValueMetadata;
    const [batch, ...size] = described.shape as number[];
    expect(size).toEqual([3, 32, 32]);
    const all = Float32Array.from(Array.from({ length: batch! }, () => planes).flat());
    const result = await session.run({
      [name!]: new ort.Tensor('float32', all, [batch!, ...size]),
    });
    await session.release();
    const { data, dims } = result[session.outputNames[0]!]!;
    const logits = [...(data as Float32Array)].slice(0, dims.at(-1));
    const best = logits.indexOf(Math.max(...logits));

    const [, index, logit] = /^class (\d+) with logit (-?[\d.]+), explained at \S+\n$/.exec(
      printed,
    )!;
    expect(Number(index)).toBe(best);
    expect(Number(logit)).toBeCloseTo(logits[best]!, 2);
    expect(await sharp(out).metadata()).toMatchObject({ width: 32, height: 32 });
  },
);
