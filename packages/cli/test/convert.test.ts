import { describeModel, validateArtifact } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

const weights = path.join(root, 'demo/weights');

/** Design section 3: shards of at most 4 MiB. */
const MAX_SHARD_BYTES = 4 * 2 ** 20;

describe.each([
  ['demo-resnet', 'demo-resnet.tar.gz', 'block3', 'block3/unit_3'],
  ['demo-vgg', 'demo-vgg.npy', 'conv5_2', 'conv5_2'],
])('convert %s', (id, file, defaultEndpoint, layer) => {
  test('writes a model that core accepts, with digests and a probe that hold', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const convert = await runCommand([
      ...['convert', path.join(weights, file), '--arch', id, '--out', out],
    ]);
    expect(convert, convert.stderr).toMatchObject({ code: 0, stdout: `${out}\n` });

    const json = JSON.parse(readFileSync(path.join(out, 'model.json'), 'utf8')) as {
      userDefinedMetadata: { gradcam: unknown };
    };
    const artifact = validateArtifact(json.userDefinedMetadata.gradcam);
    expect(artifact).toMatchObject({ id, defaultEndpoint, input: { height: 128, width: 128 } });
    expect(artifact.endpoints[defaultEndpoint]).toBe(layer);
    expect(artifact.labels).toEqual(JSON.parse(readFileSync(`${root}/demo/labels.json`, 'utf8')));
    expect(artifact.probe?.top).toHaveLength(8);

    const shards = readdirSync(out).filter((name) => name.endsWith('.bin'));
    expect(Object.keys(artifact.shards).sort()).toEqual(shards.sort());
    for (const shard of shards) {
      expect(statSync(path.join(out, shard)).size).toBeLessThanOrEqual(MAX_SHARD_BYTES);
    }

    // Every endpoint leads to a layer.
    const { network } = await describeModel(openModelFolder(out));
    for (const target of Object.values(artifact.endpoints)) {
      expect([...network.layers.keys()]).toContain(target);
    }

    for (const engine of ['onnx', 'wasm', 'cpu']) {
      const verify = await runCommand(['inspect', out, '--verify', '--engine', engine, '--json']);
      expect(verify.code, verify.stderr).toBe(0);
      expect(JSON.parse(verify.stdout)).toMatchObject({ failures: [], shards: shards.length });
    }
  });
});

describe.each([
  // Bytes of a weight; how far the logits may move is stated, not judged.
  ['float16', 2],
  ['uint16', 2],
  ['uint8', 1],
])('convert --dtype %s', (dtype, bytes) => {
  test('is smaller, loads, and states what the quantisation costs', async () => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const source = path.join(weights, 'demo-vgg.npy');
    const { code, stderr } = await runCommand([
      ...['convert', source, '--arch', 'demo-vgg', '--dtype', dtype, '--out', out],
    ]);
    expect(code, stderr).toBe(0);
    const size = readdirSync(out)
      .filter((name) => name.endsWith('.bin'))
      .reduce((sum, name) => sum + statSync(path.join(out, name)).size, 0);
    // Weights of 10,000 numbers or more are quantised, as the converter's README has it.
    const listing = await runCommand(['inspect', source, '--json']);
    const { tensors } = JSON.parse(listing.stdout) as { tensors: { bytes: number }[] };
    const expected = tensors.reduce(
      (sum, tensor) =>
        sum + (tensor.bytes / 4 >= 10_000 ? (tensor.bytes / 4) * bytes : tensor.bytes),
      0,
    );
    expect(size).toBe(expected);
    expect(size).toBeLessThan(0.6 * 369_874 * 4);
    const verify = await runCommand(['inspect', out, '--verify', '--json']);
    const found = JSON.parse(verify.stdout) as { failures: string[]; quantisationError: number };
    expect(found.failures).toEqual([]);
    expect(found.quantisationError).toBeGreaterThan(0);
    expect(found.quantisationError).toBeLessThan(dtype === 'uint8' ? 0.1 : 0.01);
  });
});

test('inspect --verify finds a damaged shard', async () => {
  const folder = makeTemporaryFolder();
  await runCommand(['fetch', 'demo-vgg', '--models', folder]);
  const model = path.join(folder, 'demo-vgg');
  const shard = readdirSync(model).find((name) => name.endsWith('.bin'))!;
  const bytes = readFileSync(path.join(model, shard));
  bytes[1000]! ^= 1;
  writeFileSync(path.join(model, shard), bytes);
  const { code, stderr } = await runCommand(['inspect', model, '--verify']);
  expect(code).toBe(65);
  expect(stderr).toMatch(/shard .*bin: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/);
});

test('what is converted already is left alone', async () => {
  const folder = makeTemporaryFolder();
  const args = ['fetch', 'demo-vgg', '--models', folder];
  await runCommand(args);
  const before = statSync(path.join(folder, 'demo-vgg/model.json')).mtimeMs;
  const again = await runCommand(args);
  expect(again).toMatchObject({ code: 0, stdout: `${path.join(folder, 'demo-vgg')}\n` });
  expect(again.stderr).toContain('already holds this conversion');
  expect(statSync(path.join(folder, 'demo-vgg/model.json')).mtimeMs).toBe(before);
});

describe('wrong sources', () => {
  test.each([
    ['a file of no known format', () => path.join(root, 'README.md'), 65],
    ['a file that is not there', () => path.join(root, 'nothing.ckpt'), 66],
    ['weights of another net', () => path.join(weights, 'demo-vgg.npy'), 65],
  ])('%s', async (_, source, exitCode) => {
    const out = path.join(makeTemporaryFolder(), 'model');
    const { code, stdout, stderr } = await runCommand([
      ...['convert', source(), '--arch', 'demo-resnet', '--out', out],
    ]);
    expect([code, stdout], stderr).toEqual([exitCode, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
  });

  test('a truncated archive', async () => {
    const folder = makeTemporaryFolder();
    const cut = path.join(folder, 'cut.tar.gz');
    cpSync(path.join(weights, 'demo-resnet.tar.gz'), cut);
    const bytes = readFileSync(cut);
    writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
    const out = path.join(folder, 'model');
    const { code, stderr } = await runCommand([
      ...['convert', cut, '--arch', 'demo-resnet', '--out', out],
    ]);
    expect(code, stderr).toBe(65);
    expect(readdirSync(folder)).toEqual(['cut.tar.gz']);
  });
});

test('models lists what can be fetched and what is here', async () => {
  const folder = makeTemporaryFolder();
  await runCommand(['fetch', 'demo-resnet', '--models', folder]);
  const { stdout } = await runCommand(['models', '--models', folder, '--json']);
  const rows = JSON.parse(stdout) as { id: string; folder: string | null; downloadBytes: number }[];
  const find = (id: string) => rows.find((row) => row.id === id);
  expect(find('demo-resnet')?.folder).toBe(path.join(folder, 'demo-resnet'));
  expect(find('resnet_v1_50')?.downloadBytes).toBeGreaterThan(90e6);
});

test('a conversion that ended before its probe gets it the next time', async () => {
  const folder = makeTemporaryFolder();
  const out = path.join(folder, 'model');
  const source = path.join(weights, 'demo-vgg.npy');
  const convert = ['convert', source, '--arch', 'demo-vgg', '--dtype', 'uint8', '--out', out];
  const readProbe = () => {
    const text = readFileSync(path.join(out, 'model.json'), 'utf8');
    const { userDefinedMetadata } = JSON.parse(text) as {
      userDefinedMetadata: { gradcam: unknown };
    };
    return validateArtifact(userDefinedMetadata.gradcam).probe;
  };
  // What a killed process leaves that got as far as the probe.
  await runCommand([...convert, '--no-probe']);
  expect(readProbe()).toBeUndefined();
  const { code, stderr } = await runCommand(convert);
  expect(code, stderr).toBe(0);
  expect([readProbe()?.top.length, readProbe()?.float32Top?.length]).toEqual([8, 8]);
  expect(readdirSync(folder)).toEqual(['model']);
});
