import type { ResultLine } from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import npyjs from 'npyjs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand, startCommand } from './run-command.ts';

/** Nets as TensorFlow saves graphs, and their Grad-CAM: `tools/oracles/write_saved_models.py`. */
const nets = path.join(root, 'packages/converter/test/fixtures/tensorflow');

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

/** Of the largest value. Float32 of ONNX Runtime and TensorFlow's float64 differ by less than 3e-6 here. */
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
  const call = ['explain', image, '--model', model, '--out', out, '--save', 'raw', '--json'];
  const { code, stdout, stderr } = await startCommand([...call, ...flags], { env: cache }).done;
  expect(code, stderr).toBe(0);
  return { out, stderr, line: JSON.parse(stdout) as ResultLine };
}

describe('explain --model takes graphs of TensorFlow', () => {
  test.each([
    ['keras', 'keras-export'],
    ['keras', 'keras-save'],
    ['plain', 'module'],
    ['plain', 'v1'],
    ['plain', 'frozen.pb'],
  ])('%s: the scores and Grad-CAM of %s are those of TensorFlow', async (net, name) => {
    const model = path.join(nets, name);
    const { out, line, stderr } = await explain(model, '--layer', 'last', '--input-range=0..255');
    expect(stderr).toMatch(/was converted into .*converted-models/);
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

  test('converts a folder once, and again when a file in it has changed', async () => {
    const model = path.join(makeTemporaryFolder(), 'saved');
    cpSync(path.join(nets, 'v1'), model, { recursive: true });
    expect((await explain(model)).stderr).toContain('was converted into');
    expect((await explain(model)).stderr).not.toContain('was converted into');
    writeFileSync(path.join(model, 'labels.txt'), 'a\nb\nc\nd\n');
    const { stderr } = await explain(path.join(model, 'saved_model.pb'));
    expect(stderr).toContain('was converted into');
    expect(stderr).toContain('read from labels.txt: 4 class names');
  });
});

describe('convert takes graphs of TensorFlow', () => {
  test('keeps what it was told, and records a probe that holds', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const labels = path.join(folder, 'things.txt');
    writeFileSync(labels, 'cat\ndog\nbird\nfish\n');
    const convert = await runCommand([
      ...['convert', path.join(nets, 'module'), '--out', out, '--labels', labels],
      ...['--input-range', '0..255', '--signature', 'serving_default'],
    ]);
    expect(convert, convert.stderr).toMatchObject({ code: 0, stdout: `${out}\n` });
    const describe = await runCommand(['describe', out, '--json']);
    expect(JSON.parse(describe.stdout)).toMatchObject({
      labels: ['cat', 'dog', 'bird', 'fish'],
      input: { scale: 1, height: 16, width: 16 },
    });
    for (const engine of ['onnx', 'cpu']) {
      const verify = await runCommand(['inspect', out, '--verify', '--engine', engine, '--json']);
      expect(verify.code, verify.stderr).toBe(0);
      expect(JSON.parse(verify.stdout)).toMatchObject({ failures: [], shards: 1 });
    }
  });

  test.each(['module', 'frozen.pb'])(
    'writes nothing for %s with another number of labels',
    async (name) => {
      const out = path.join(makeTemporaryFolder(), 'model');
      const labels = path.join(folder, 'two.txt');
      writeFileSync(labels, 'cat\ndog\n');
      const { code, stderr } = await runCommand([
        ...['convert', path.join(nets, name), '--out', out, '--labels', labels],
      ]);
      expect(code).toBe(64);
      expect(stderr).toContain('expected 4 names, one for each class of the model, found 2');
      expect(existsSync(out)).toBe(false);
    },
  );

  test('the outputs of a frozen graph are assumed, or named', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const call = ['convert', path.join(nets, 'frozen.pb'), '--out', out];
    expect((await runCommand(call)).stderr).toContain('assumed: the outputs are probabilities');
    const named = path.join(makeTemporaryFolder(), 'model');
    const { code, stderr } = await runCommand([
      ...['convert', path.join(nets, 'frozen.pb'), '--out', named],
      ...['--output', 'scores/logits'],
    ]);
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('the outputs are');
  });

  test.each([
    ['a signature that is not there', ['v1', '--signature', 'no'], 66, /it has serving_default/],
    ['a signature of a frozen graph', ['frozen.pb', '--signature', 'a'], 64, /leave it out/],
    ['outputs of a SavedModel', ['v1', '--output', 'a'], 64, /names the outputs of a frozen/],
    ['an architecture too many', ['v1', '--arch', 'vgg16'], 65, /leave out --arch/],
  ])('refuses %s in one line', async (_, [name = '', ...flags], code, message) => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const found = await runCommand(['convert', path.join(nets, name), '--out', out, ...flags]);
    expect(found.code, found.stderr).toBe(code);
    expect(found.stderr).toMatch(message);
    expect(found.stderr.trim().split('\n')).toHaveLength(1);
  });
});

test('inspect lists the signatures, tensors and nodes of a SavedModel', async () => {
  const { code, stdout } = await runCommand(['inspect', path.join(nets, 'module'), '--json']);
  expect(code).toBe(0);
  const found = JSON.parse(stdout) as {
    format: string;
    tensors: { name: string; shape: number[] }[];
    signatures: { name: string; isChosen: boolean }[];
    layers: { name: string; className: string }[];
  };
  expect(found.format).toBe('tf-saved-model');
  expect(found.signatures).toContainEqual({
    name: 'serving_default',
    inputs: ['image'],
    outputs: ['scores'],
    isChosen: true,
  });
  expect(found.tensors).toContainEqual(
    expect.objectContaining({
      name: 'held/last.Skernel/.ATTRIBUTES/VARIABLE_VALUE',
      shape: [3, 3, 6, 8],
    }),
  );
  expect(found.layers).toContainEqual({ name: 'last/Relu', className: 'Relu' });
  const text = await runCommand(['inspect', path.join(nets, 'module')]);
  expect(text.stdout).toMatch(/^\* signature serving_default: image to scores$/m);
});

test.each(['module', 'frozen.pb'])(
  'inspect lists the tensors of %s although its graph cannot be converted',
  async (name) => {
    const model = path.join(makeTemporaryFolder(), name);
    cpSync(path.join(nets, name), model, { recursive: true });
    const file = name === 'module' ? path.join(model, 'saved_model.pb') : model;
    // The op of a node is the second field of its message; no op is called Xelu.
    const graph = readFileSync(file, 'latin1').replaceAll('\x12\x04Relu', '\x12\x04Xelu');
    writeFileSync(file, graph, 'latin1');
    const { code, stdout, stderr } = await runCommand(['inspect', model, '--json']);
    expect(code, stderr).toBe(0);
    const found = JSON.parse(stdout) as {
      tensors: { shape: number[] }[];
      layers?: object[];
      notes: string[];
    };
    expect(found.layers).toBeUndefined();
    expect(found.notes.join()).toMatch(/^the graph cannot be converted: .*Xelu/);
    expect(found.tensors).toContainEqual(
      expect.objectContaining({ dtype: 'float32', shape: [3, 3, 6, 8] }),
    );
  },
);
