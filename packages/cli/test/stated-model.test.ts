import type { ResultLine } from '@gradcam/core';
import { encodePng } from '@gradcam/core/node';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

/** Nets and values of Keras, by `tools/oracles/output_kinds.py`; pictures of the nets' own size. */
const nets = path.join(root, 'packages/core/test/fixtures/outputs');

/** A float32 softmax of the command against Keras's own. */
const PROBABILITIES = 1e-6;

interface Expected {
  readonly pixels: { readonly shape: readonly [number, number, number]; readonly uint8: string };
  readonly outputs: Readonly<Record<string, { readonly float32: string }>>;
}

function readExpected(net: string): Expected {
  return JSON.parse(readFileSync(path.join(nets, net, 'expected.json'), 'utf8')) as Expected;
}

function outputOf(net: string, name: string): Float32Array {
  const bytes = Buffer.from(readExpected(net).outputs[name]!.float32, 'base64');
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
const image = path.join(folder, 'image.png');
const models = path.join(folder, 'models');
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  const { shape, uint8 } = readExpected('binary').pixels;
  const [height, width] = shape;
  const data = Uint8Array.from(Buffer.from(uint8, 'base64'));
  writeFileSync(image, await encodePng({ width, height, channels: 3, data }));
  // The same net with an input of open size.
  mkdirSync(models);
  cpSync(path.join(nets, 'labels'), path.join(models, 'open'), { recursive: true });
  const json = path.join(models, 'open/model.json');
  const text = readFileSync(json, 'utf8').replace(
    /("batch_(?:input_)?shape":\s*\[\s*null,)\s*18,\s*24,/g,
    '$1 null, null,',
  );
  expect(text).not.toBe(readFileSync(json, 'utf8'));
  writeFileSync(json, text);
});

async function explain(...args: string[]): Promise<ResultLine> {
  const out = path.join(makeTemporaryFolder(), 'run');
  const given = ['explain', image, '--input-range=0..1', '--out', out, '--json', ...args];
  const { code, stdout, stderr } = await runCommand(given);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout) as ResultLine;
}

function expectProbabilities({ predictions }: ResultLine, expected: Float32Array): void {
  expect(predictions).toHaveLength(expected.length);
  for (const { index, probability } of predictions) {
    expect(Math.abs(probability! - expected[index]!)).toBeLessThan(PROBABILITIES);
  }
}

test('explain --output explains that output', async () => {
  const line = await explain('--model', path.join(nets, 'two-heads'), '--output', 'kind');
  expectProbabilities(line, outputOf('two-heads', 'kind'));
});

test('export --output writes that output', async () => {
  const out = path.join(makeTemporaryFolder(), 'kind.onnx');
  const model = path.join(nets, 'two-heads');
  const args = ['export', '--model', model, '--output', '1', '--out', out, '--json'];
  const { code, stdout, stderr } = await runCommand(args);
  expect(code, stderr).toBe(0);
  const { outputs } = JSON.parse(stdout) as { outputs: { name: string; shape: unknown[] }[] };
  expect(outputs.find(({ name }) => name === 'logits')!.shape).toEqual(['batch', 5]);
});

test('--input-size is the size of a model that leaves it open', async () => {
  const open = path.join(models, 'open');
  const size = ['--input-size', '18x24'];
  expectProbabilities(await explain('--model', open, ...size), outputOf('labels', 'out'));

  const inspected = await runCommand(['inspect', open, '--json', ...size]);
  expect(JSON.parse(inspected.stdout)).toMatchObject({ input: { height: 18, width: 24 } });

  const out = path.join(makeTemporaryFolder(), 'open.onnx');
  const exported = await runCommand(['export', '--model', open, '--out', out, '--json', ...size]);
  expect(exported.code, exported.stderr).toBe(0);
  const { inputs } = JSON.parse(exported.stdout) as { inputs: { shape: unknown[] }[] };
  expect(inputs[0]!.shape).toEqual(['batch', 18, 24, 3]);
});

test('describe says what is stated of a model, and with --quiet and --debug as the others do', async () => {
  const stated = ['--input-size', '32x48', '--mean', '1,2,3', '--std', '4,5,6'];
  const args = ['describe', 'open', '--models', models, ...stated];
  const { code, stdout, stderr } = await runCommand([...args, '--json']);
  expect(code, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    input: { height: 32, width: 48, scale: 1, mean: [1, 2, 3], std: [4, 5, 6] },
  });
  const quiet = await runCommand([...args, '--quiet']);
  expect([quiet.code, quiet.stderr]).toEqual([0, '']);
  const missing = await runCommand(['describe', 'no-net', '--models', models, '--debug']);
  expect(missing.code).toBe(66);
  expect(missing.stderr).toMatch(/\n +at /);
});
