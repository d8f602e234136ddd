import type { ResultLine } from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import npyjs from 'npyjs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  hasSharedData,
  makeTemporaryFolder,
  root,
  runCommand,
  sharedData,
  startCommand,
} from './run-command.ts';

/** Nets in the files of Keras 1 to 3, and their Grad-CAM by TensorFlow: `tools/oracles/write_keras_files.py`. */
const nets = path.join(root, 'packages/converter/test/fixtures/keras');

interface Expected {
  readonly picture: { readonly shape: readonly [number, number, number]; readonly uint8: string };
  readonly nets: Readonly<Record<string, ExpectedNet>>;
}

interface ExpectedNet {
  readonly class: number;
  readonly logits: { readonly float32: string };
  readonly map: { readonly shape: readonly number[]; readonly float32: string };
}

const expected = JSON.parse(readFileSync(path.join(nets, 'expected.json'), 'utf8')) as Expected;

/**
 * Of the largest value. Float32 of ONNX Runtime and TensorFlow differs by less than 2e-6 here: ten layers, sums of
 * at most 72 products.
 */
const TOLERANCE = 1e-5;

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
const image = path.join(folder, 'image.png');
const cache = { GRADCAM_CACHE: path.join(folder, 'cache') };
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  const [height, width] = expected.picture.shape;
  const data = Uint8Array.from(Buffer.from(expected.picture.uint8, 'base64'));
  writeFileSync(image, await encodePng({ width, height, channels: 3, data }));
});

function floats(base64: string): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
}

function expectClose(found: ArrayLike<number>, wanted: Float32Array): void {
  expect(found).toHaveLength(wanted.length);
  const scale = Math.max(...wanted.map(Math.abs));
  const worst = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i]!)), 0);
  expect(worst / scale).toBeLessThan(TOLERANCE);
}

async function explain(model: string, ...flags: string[]) {
  const out = path.join(makeTemporaryFolder(), 'run');
  const call = [
    'explain',
    image,
    '--model',
    model,
    '--out',
    out,
    '--save',
    'raw',
    '--json',
    ...flags,
  ];
  const { code, stdout, stderr } = await startCommand(call, { env: cache }).done;
  expect(code, stderr).toBe(0);
  return { out, stderr, line: JSON.parse(stdout) as ResultLine };
}

describe('explain --model takes files of Keras', () => {
  test.each([
    ['sequential', 'sequential.keras'],
    // The layers are in another file beside it.
    ['sequential', 'apart/chain_weights.h5'],
    ['sequential', 'apart/numbered.weights.h5'],
    ['branches', 'branches.keras'],
    ['branches', 'branches.h5'],
    ['nested', 'nested.h5'],
    ['nested', 'nested.renamed.h5'],
    ['keras1', 'keras1.h5'],
  ])('%s: the scores and Grad-CAM of %s are those of TensorFlow', async (net, file) => {
    const model = path.join(nets, file);
    const { out, line, stderr } = await explain(model, '--layer', 'last');
    expect(stderr).toMatch(/was converted into .*converted-models/);
    expect(stderr).toMatch(/^no class names were found, .* state names with --labels FILE/m);
    const { logits, map, class: best } = expected.nets[net]!;
    const scores = [...line.predictions].sort((a, b) => a.index - b.index);
    expect(line.predictions[0]?.index).toBe(best);
    expectClose(
      scores.map(({ logit }) => logit!),
      floats(logits.float32),
    );
    const [explanation] = line.explanations;
    const raw = new npyjs().parse(
      new Uint8Array(readFileSync(path.join(out, explanation!.files['raw']!))).buffer,
    );
    expect(raw.shape).toEqual(map.shape);
    expectClose(raw.data as Float32Array, floats(map.float32));
  });

  test.each([
    [
      'half.keras',
      'nested.keras',
      /^gradcam: zip: half\.keras: the end record .* the file is truncated$/m,
    ],
    [
      'none.h5',
      'expected.json',
      /^gradcam: weights: none\.h5: expected .*, found bytes of none of them/m,
    ],
  ])('%s, which is damaged, is refused in one line', async (name, source, message) => {
    const model = path.join(makeTemporaryFolder(), name);
    // The beginning of an archive, or text without its first letter.
    const start = name === 'half.keras' ? 0 : 1;
    writeFileSync(model, readFileSync(path.join(nets, source)).subarray(start, 9000));
    const call = ['explain', image, '--model', model, '--out', path.join(folder, 'none')];
    const found = await startCommand(call, { env: cache }).done;
    expect(found.code, found.stderr).toBe(65);
    expect(found.stderr).toMatch(message);
    expect(found.stderr.trim().split('\n')).toHaveLength(1);
  });

  test('converts a file once, and again when it or a file beside it has changed', async () => {
    const model = path.join(makeTemporaryFolder(), 'net.h5');
    copyFileSync(path.join(nets, 'keras1.h5'), model);
    expect((await explain(model)).stderr).toContain('was converted into');
    expect((await explain(model)).stderr).not.toContain('was converted into');
    writeFileSync(path.join(path.dirname(model), 'labels.txt'), 'a\nb\nc\nd\n');
    // The folder stands for the only such file in it.
    const named = await explain(path.dirname(model));
    expect(named.stderr).toContain('was converted into');
    expect(named.stderr).toContain('read from labels.txt: 4 class names');
    copyFileSync(path.join(nets, 'sequential.h5'), model);
    expect((await explain(model)).stderr).toContain('was converted into');
  });
});

/** By `tools/oracles/teachable_machine.py`, which lets Keras predict this photo with this net. */
const teachable = {
  model: path.join(sharedData, 'models/h5/2tle-rock_sissor_paper'),
  photo: path.join(sharedData, 'images/cat_dog.png'),
  probabilities: [0.8464063405990601, 0.0014000802766531706, 0.15219353139400482],
};

test.skipIf(!hasSharedData)(
  "Teachable Machine's export for Keras takes -1..1, which is said: the probabilities of Keras",
  async () => {
    const { model, photo, probabilities } = teachable;
    const out = path.join(makeTemporaryFolder(), 'run');
    const call = ['explain', photo, '--model', model, '--out', out, '--json'];
    const { code, stdout, stderr } = await startCommand(call, { env: cache }).done;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('assumed: pixels are scaled to -1..1, as Teachable Machine trains');
    expect(stderr).toContain('read from labels.txt: 3 class names');
    const { predictions } = JSON.parse(stdout) as ResultLine;
    for (const { index, probability } of predictions) {
      expect(Math.abs(probability! - probabilities[index]!)).toBeLessThan(TOLERANCE);
    }
  },
);

describe('convert takes files of Keras', () => {
  test('keeps what it was told, names what it assumes, and records a probe that holds', async () => {
    const source = path.join(makeTemporaryFolder(), 'my-net.keras');
    const out = path.join(makeTemporaryFolder(), 'model');
    copyFileSync(path.join(nets, 'sequential.keras'), source);
    const labels = path.join(path.dirname(source), 'things.txt');
    writeFileSync(labels, 'cat\ndog\nbird\nfish\n');
    const convert = await runCommand([
      ...['convert', source, '--out', out, '--labels', labels, '--input-range=-1..1'],
    ]);
    expect(convert, convert.stderr).toMatchObject({ code: 0, stdout: `${out}\n` });
    expect(convert.stderr).toContain('assumed: channels are RGB');
    expect(convert.stderr).not.toContain('pixels are scaled to 0..1');

    const describe = await runCommand(['describe', out, '--json']);
    expect(JSON.parse(describe.stdout)).toMatchObject({
      labels: ['cat', 'dog', 'bird', 'fish'],
      input: { scale: 2 / 255, mean: [1, 1, 1] },
    });
    for (const engine of ['onnx', 'cpu']) {
      const verify = await runCommand(['inspect', out, '--verify', '--engine', engine, '--json']);
      expect(verify.code, verify.stderr).toBe(0);
      expect(JSON.parse(verify.stdout)).toMatchObject({ failures: [], shards: 1 });
    }

    // The same source may be stored in another dtype; the statements stay.
    const again = ['convert', source, '--out', out, '--dtype', 'float16'];
    expect(await runCommand(again)).toMatchObject({ code: 0 });
    expect(readFileSync(path.join(out, 'gradcam.json'), 'utf8')).toContain('"bird"');
    // They are not right for another model.
    const other = await runCommand(['convert', path.join(nets, 'nested.h5'), '--out', out]);
    expect(other.code).toBe(74);
    expect(other.stderr).toContain("the folder holds 'gradcam.json', which is not part of a model");
  });

  test('mean, deviation and order of the channels are kept, and used', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const source = path.join(nets, 'branches.h5');
    const pixels = ['--input-range', '0..1', '--mean', '0.4,0.5,0.6', '--std', '0.2,0.25,0.5'];
    const stated = [...pixels, '--channels', 'bgr'];
    expect(await runCommand(['convert', source, '--out', out, ...stated])).toMatchObject({
      code: 0,
    });
    const { stdout } = await runCommand(['describe', out, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      input: { mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.5], channelOrder: 'bgr' },
    });
    const kept = await explain(out);
    const given = await explain(source, ...stated);
    const plain = await explain(source);
    expect(kept.line.predictions).toEqual(given.line.predictions);
    expect(kept.line.predictions).not.toEqual(plain.line.predictions);
  });

  test.each([
    ['weights alone', ['alone.weights.h5'], 65, /is HDF5 without a model .*model\.load_weights/],
    [
      'weights of another net',
      ['alone.weights.h5', '--arch', 'vgg16'],
      65,
      /is no vgg16: 32 of 32 weights are missing/,
    ],
    [
      'the layers of another net',
      ['alone.weights.h5', '--arch', path.join(nets, 'expected.json')],
      65,
      /expected\.json: expected the architecture of a Keras model, as model\.to_json\(\) writes it/,
    ],
    ['an architecture too many', ['keras1.h5', '--arch', 'vgg16'], 65, /leave out --arch/],
    [
      'labels of another model',
      ['keras1.h5', '--labels', 'LABELS'],
      64,
      /expected 4 names, .* found 2/,
    ],
  ])('refuses %s in one line', async (_, [file = '', ...flags], code, message) => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const labels = path.join(folder, 'two.txt');
    writeFileSync(labels, 'a\nb\n');
    const given = flags.map((flag) => (flag === 'LABELS' ? labels : flag));
    const found = await runCommand(['convert', path.join(nets, file), '--out', out, ...given]);
    expect(found.code, found.stderr).toBe(code);
    expect(found.stderr).toMatch(message);
    expect(found.stderr.split('\n').filter((line) => line.startsWith('gradcam:'))).toHaveLength(1);
    // Nothing is written before everything that was stated fits.
    expect(existsSync(out)).toBe(false);
  });

  test('a damaged file leaves nothing behind', async () => {
    const source = path.join(makeTemporaryFolder(), 'half.h5');
    writeFileSync(source, readFileSync(path.join(nets, 'nested.h5')).subarray(0, 20_000));
    const out = path.join(makeTemporaryFolder(), 'model');
    const found = await runCommand(['convert', source, '--out', out]);
    expect(found.code).toBe(65);
    expect(found.stderr).toMatch(
      /^gradcam: HDF5: half\.h5 says that it has \d+ bytes, found 20000; .*\n$/,
    );
    expect(existsSync(out)).toBe(false);
  });

  test('stated facts belong to models that do not describe themselves', async () => {
    const source = path.join(root, 'demo/weights/demo-vgg.npy');
    const given = ['convert', source, '--arch', 'demo-vgg', '--input-range', '0..1', '--out', 'no'];
    const found = await runCommand(given);
    expect(found.code).toBe(64);
    expect(found.stderr).toContain('is no model of Keras, PyTorch or TensorFlow');
  });
});

test('inspect lists the tensors of a file of Keras, and the layers that can be explained', async () => {
  const inspect = (...flags: string[]) =>
    startCommand(['inspect', path.join(nets, 'nested.keras'), ...flags], { env: cache }).done;
  const { code, stdout } = await inspect('--json');
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as {
    format: string;
    tensors: { name: string; shape: number[] }[];
    layers: { name: string; className: string }[];
    asModel: { defaultLayer: string; layers: { name: string; op: string; recommended: boolean }[] };
  };
  expect(found.format).toBe('keras-zip');
  expect(found.tensors).toContainEqual(
    expect.objectContaining({ name: 'inner_conv/kernel', shape: [3, 3, 6, 6] }),
  );
  expect(found.layers).toContainEqual({ name: 'inner/inner_conv', className: 'Conv2D' });
  // The block runs once for each of its two calls; nobody names a layer, so the last one with a grid is taken.
  const convolution = found.asModel.layers.find(({ name }) => name.endsWith('inner_conv'));
  expect(convolution).toMatchObject({ op: 'conv2d' });
  const { stdout: text, stderr } = await inspect();
  expect(text).toMatch(/^inner_conv\/kernel +float32 +\[3, 3, 6, 6\]/m);
  expect(text).toMatch(/^ {2}\S*inner_conv +conv2d +\d+x\d+x6 /m);
  expect(text).toMatch(/^\* \S+/m);
  expect(text).not.toContain('a model of');
  expect(stderr).toMatch(/^no class names were found, so the \d+ classes .* --labels FILE/m);
});

test('inspect lists the layers of a file of Keras that cannot be converted, and why', async () => {
  const source = path.join(makeTemporaryFolder(), 'own-layer.h5');
  const text = readFileSync(path.join(nets, 'sequential.h5'), 'latin1');
  writeFileSync(
    source,
    text.replaceAll('"class_name": "Dense"', '"class_name": "Tense"'),
    'latin1',
  );
  const { code, stdout, stderr } = await startCommand(['inspect', source], { env: cache }).done;
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(/^a model of \d+ layers:$/m);
  expect(stderr).toMatch(
    /^it cannot be explained, so its layers are listed without maps: .*Tense/m,
  );
});
