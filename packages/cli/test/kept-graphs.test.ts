import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { makeTemporaryFolder, root, startCommand, type CommandResult } from './run-command.ts';

const scene = path.join(root, 'demo/scenes/cat-and-dog-128.png');

/**
 * Kernels of 18.9 MB: enough that compiled graphs are kept.
 *
 * @param hidden units of a dense layer; from 3072 on its kernel is one that the engine wants to map from a file.
 */
function writeWideModel(folder: string, hidden = 0): void {
  const layers = [
    { class_name: 'InputLayer', config: { name: 'image', batch_input_shape: [null, 16, 16, 3] } },
    ...[512, 1024].map((filters, i) => ({
      class_name: 'Conv2D',
      config: {
        ...{ name: `conv${i}`, filters, kernel_size: [3 * i || 1, 3 * i || 1], padding: 'same' },
        activation: 'relu',
      },
    })),
    { class_name: 'GlobalAveragePooling2D', config: { name: 'mean' } },
    ...(hidden === 0
      ? []
      : [{ class_name: 'Dense', config: { name: 'hidden', units: hidden, activation: 'relu' } }]),
    { class_name: 'Dense', config: { name: 'logits', units: 2, activation: 'softmax' } },
  ];
  const weights: (readonly [name: string, shape: readonly number[]])[] = [
    ['conv0/kernel', [1, 1, 3, 512]],
    ['conv0/bias', [512]],
    ['conv1/kernel', [3, 3, 512, 1024]],
    ['conv1/bias', [1024]],
    ...(hidden === 0
      ? []
      : ([
          ['hidden/kernel', [1024, hidden]],
          ['hidden/bias', [hidden]],
        ] as const)),
    ['logits/kernel', [hidden || 1024, 2]],
    ['logits/bias', [2]],
  ];
  const count = weights.reduce(
    (sum, [, shape]) => sum + shape.reduce((product: number, size) => product * size, 1),
    0,
  );
  // Waves of small numbers: no two kernels alike, no activation that stays shut.
  const values = Float32Array.from({ length: count }, (_, i) => Math.sin(i * 1.7) / 64);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'weights.bin'), values);
  writeFileSync(
    path.join(folder, 'model.json'),
    JSON.stringify({
      format: 'layers-model',
      modelTopology: {
        keras_version: '2.15.0',
        model_config: { class_name: 'Sequential', config: { name: 'wide', layers } },
      },
      weightsManifest: [
        {
          paths: ['weights.bin'],
          weights: weights.map(([name, shape]) => ({ name, shape, dtype: 'float32' })),
        },
      ],
    }),
  );
}

/** Of a `.npy` of 16 x 16 numbers. */
function valuesOf(raw: Buffer): Float32Array {
  return new Float32Array(Uint8Array.from(raw.subarray(-16 * 16 * 4)).buffer);
}

describe('compiled graphs of large models', { timeout: 120_000 }, () => {
  function makeModel(hidden = 0): string {
    const model = path.join(makeTemporaryFolder(), 'wide');
    writeWideModel(model, hidden);
    return model;
  }

  async function explain(
    model: string,
    cache: string,
    megabytes = '',
    env: Readonly<Record<string, string>> = {},
  ): Promise<CommandResult & { raw: Buffer }> {
    vi.stubEnv('GRADCAM_CACHE', cache);
    vi.stubEnv('GRADCAM_GRAPHS_MB', megabytes);
    onTestFinished(() => void vi.unstubAllEnvs());
    const out = path.join(makeTemporaryFolder(), 'run');
    const args = ['explain', scene, '--model', model, '--out', out, '--save', 'raw'];
    const all = [...args, '--input-range=-1..1', '--engine', 'onnx'];
    const result = await startCommand(all, { env }).done;
    const [line] = existsSync(out)
      ? readFileSync(path.join(out, 'results.jsonl'), 'utf8').split('\n')
      : [];
    if (!line) return { ...result, raw: Buffer.alloc(0) };
    const { explanations } = JSON.parse(line) as { explanations: { files: { raw: string } }[] };
    return { ...result, raw: readFileSync(path.join(out, explanations[0]!.files.raw)) };
  }

  test('are kept in the cache folder, and give the same map to the bit', async () => {
    const [model, cache] = [makeModel(), makeTemporaryFolder()];
    const without = await explain(model, cache, '0');
    expect(without.code, without.stderr).toBe(0);
    expect(existsSync(path.join(cache, 'graphs'))).toBe(false);
    const first = await explain(model, cache);
    expect(first.code, first.stderr).toBe(0);
    const [kept] = readdirSync(path.join(cache, 'graphs'));
    expect(kept).toMatch(/^[0-9a-f]{32}$/);
    const second = await explain(model, cache);
    expect(second.code, second.stderr).toBe(0);
    expect([first.raw.equals(without.raw), second.raw.equals(without.raw)]).toEqual([true, true]);
  });

  test('neither cache nor temporary folder can be written: two lines, and the same map', async () => {
    const model = makeModel(4096);
    const without = await explain(model, makeTemporaryFolder(), '0');
    const file = path.join(makeTemporaryFolder(), 'file');
    writeFileSync(file, '');
    const nowhere = { TMPDIR: path.join(file, 'temporary') };
    const { code, stderr, raw } = await explain(model, path.join(file, 'cache'), '', nowhere);
    expect(code, stderr).toBe(0);
    // Kernels that are mapped and those in memory are multiplied in another order: some roundings apart.
    const [map, mapped] = [valuesOf(raw), valuesOf(without.raw)];
    const scale = Math.max(...mapped.map(Math.abs));
    map.forEach((value, i) => expect(Math.abs(value - mapped[i]!) / scale).toBeLessThan(1e-5));
    expect(stderr).toContain(
      `compiled graphs are not kept in ${path.join(file, 'cache/graphs')}: `,
    );
    expect(stderr).toContain('weights stay in memory: cannot keep files for ONNX Runtime in ');
  });

  test('whose weights were overwritten are made again, which one line says', async () => {
    const [model, cache] = [makeModel(), makeTemporaryFolder()];
    const first = await explain(model, cache);
    expect(first.code, first.stderr).toBe(0);
    const graphs = path.join(cache, 'graphs');
    const [file] = readdirSync(graphs, { recursive: true, encoding: 'utf8' })
      .filter((name) => path.basename(name) === 'graph.bin')
      .map((name) => path.join(graphs, name));
    // A megabyte of zeros in the middle of 19: another map, were it used.
    const handle = openSync(file!, 'r+');
    writeSync(handle, Buffer.alloc(2 ** 20), 0, 2 ** 20, 8 * 2 ** 20);
    closeSync(handle);
    const second = await explain(model, cache);
    expect(second.code, second.stderr).toBe(0);
    expect(second.raw.equals(first.raw)).toBe(true);
    const line = `the compiled graph ${path.dirname(file!)} is damaged (the bytes of graph.bin have changed), and made again`;
    expect(second.stderr.split('\n').filter((text) => text.includes('compiled graph'))).toEqual([
      line,
    ]);
    const third = await explain(model, cache);
    expect(third.raw.equals(first.raw)).toBe(true);
    expect(third.stderr).not.toContain('damaged');
  });

  test('where they cannot be kept, one line says so and the run goes on', async () => {
    const cache = path.join(makeTemporaryFolder(), 'file');
    writeFileSync(cache, '');
    const { code, stderr, raw } = await explain(makeModel(), cache);
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/compiled graphs are not kept in .*graphs: ENOTDIR/);
    expect(raw.length).toBeGreaterThan(0);
  });

  test('an amount that is no number is wrong usage', async () => {
    const { code, stderr } = await explain(makeModel(), makeTemporaryFolder(), 'much');
    expect(code).toBe(64);
    expect(stderr).toContain(
      "GRADCAM_GRAPHS_MB takes the number of megabytes of compiled graphs to keep, 0 for none; got 'much'",
    );
  });
});
