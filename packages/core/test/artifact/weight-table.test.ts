import { io } from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { decodeWeights } from '../../src/artifact/decode-weights.ts';
import { readManifest, type ManifestWeight } from '../../src/artifact/weights-manifest.ts';
import { loadModel } from '../../src/model/model.ts';
import { createEngine } from '../helper/engines.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';

interface Row extends Pick<ManifestWeight, 'dtype' | 'quantization'> {
  readonly does: 'read' | 'refused';
  readonly why?: string;
}

const { rows, names, places } = JSON.parse(
  readFileSync(new URL('../../../../docs/tables/weights.json', import.meta.url), 'utf8'),
) as { rows: readonly Row[]; names: readonly { name: string }[]; places: readonly string[] };

const titled = (does: Row['does']) =>
  rows
    .filter((row) => row.does === does)
    .map((row) => [`${row.dtype} ${JSON.stringify(row.quantization ?? null)}`, row] as const);

const SHAPE = [6, 2];
const COUNT = 12;
const INPUT = [1, -2, 3, 0.5, -1, 0.25];

/** Bytes of {@link COUNT} values that are finite in every type. */
function bytesOf({ dtype, quantization }: Row): Uint8Array<ArrayBuffer> {
  const of = quantization?.dtype ?? dtype;
  const places = Array.from({ length: COUNT }, (_, i) => (i * 37) % 251);
  if (of === 'uint8') return Uint8Array.from(places);
  if (of === 'bool') return Uint8Array.from(places, (place) => place % 2);
  if (of === 'uint16') return new Uint8Array(Uint16Array.from(places, (n) => n * 257).buffer);
  // Halves between 2^-7 and 2^7 of both signs.
  if (of === 'float16') {
    return new Uint8Array(
      Uint16Array.from(places, (n, i) => 0x2000 + n * 64 + (i % 2) * 0x8000).buffer,
    );
  }
  if (of === 'int32') return new Uint8Array(Int32Array.from(places, (n) => n - 100).buffer);
  return new Uint8Array(Float32Array.from(places, (n) => n / 97 - 1).buffer);
}

const specOf = (row: Row, name: string): ManifestWeight => ({
  name,
  shape: SHAPE,
  dtype: row.dtype,
  ...(row.quantization === undefined ? {} : { quantization: row.quantization }),
});

/** What tfjs makes of the same bytes. */
function decodedByTfjs(row: Row): number[] {
  const spec = specOf(row, 'w') as unknown as io.WeightsManifestEntry;
  const { w } = io.decodeWeights(bytesOf(row).buffer, [spec]);
  const values = [...w!.dataSync()];
  w!.dispose();
  return values;
}

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine('cpu');
});

describe('each type of docs/tables/weights.json', () => {
  test.each(titled('read'))('%s, as tfjs decodes it', async (_, row) => {
    const groups = readManifest([{ paths: ['a'], weights: [specOf(row, 'w')] }]);
    const decoded = await decodeWeights(groups, async () => bytesOf(row));
    expect([...decoded.get('w')!.data]).toEqual(decodedByTfjs(row));
  });

  test.each(titled('refused'))('%s is refused by the name of the weight', (_, row) => {
    const manifest = [{ paths: ['a'], weights: [specOf(row, 'dense/kernel')] }];
    expect(() => readManifest(manifest)).toThrow(`weight dense/kernel: ${row.why}`);
  });
});

/** A Dense layer whose kernel is the row's; the bias stands behind it, of float32. */
async function runDense(row: Row, name: string, place: string): Promise<Float32Array> {
  const dense = layer('Dense', 'dense', { units: 2, use_bias: true });
  const layers = [input('x', 2, 1, 3), layer('Flatten', 'flat'), dense];
  const { topology } = functionalModel(layers, ['dense'], 'net');
  const kernel = specOf(row, name);
  const bias: ManifestWeight = {
    name: name.replace('kernel', 'bias'),
    shape: [2],
    dtype: 'float32',
  };
  const parts = [bytesOf(row), new Uint8Array(Float32Array.of(0.25, -0.5).buffer)];
  const whole = Uint8Array.from(parts.flatMap((part) => [...part]));
  const model = await loadModel(sourceOf(topology, [kernel, bias], parts, whole, place), {
    engine,
  });
  try {
    const result = await model.session.run({
      inputs: { x: { shape: [1, 2, 1, 3], data: Float32Array.from(INPUT) } },
      outputs: [],
    });
    return result.logits.data;
  } finally {
    model.dispose();
  }
}

function sourceOf(
  modelTopology: object,
  weights: readonly ManifestWeight[],
  parts: readonly Uint8Array<ArrayBuffer>[],
  whole: Uint8Array<ArrayBuffer>,
  place: string,
) {
  const copy = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
  if (place.startsWith('weightData')) {
    const weightData = place.endsWith('one ArrayBuffer') ? copy(whole) : parts.map(copy);
    return { load: async () => ({ modelTopology, weightSpecs: weights, weightData }) } as never;
  }
  const manifests: Readonly<Record<string, unknown>> = {
    'one file': [{ paths: ['a'], weights }],
    'two files, cut within a weight': [{ paths: ['a', 'b'], weights }],
    'two groups': weights.map((weight, i) => ({ paths: [i === 0 ? 'a' : 'b'], weights: [weight] })),
  };
  const cut = place === 'two groups' ? parts[0]!.length : 5;
  const files: Readonly<Record<string, Uint8Array>> = {
    'model.json': new TextEncoder().encode(
      JSON.stringify({ format: 'layers-model', modelTopology, weightsManifest: manifests[place] }),
    ),
    a: place === 'one file' ? whole : whole.subarray(0, cut),
    b: whole.subarray(cut),
  };
  return { location: 'memory', readFile: async (path: string) => files[path]! };
}

/** By hand, in float64: a sum of six terms and a bias. */
function denseByHand(row: Row): number[] {
  const kernel = decodedByTfjs(row);
  return [0.25, -0.5].map((bias, unit) =>
    INPUT.reduce((sum, v, i) => sum + v * kernel[2 * i + unit]!, bias),
  );
}

/** Seven terms in float32. */
const SEVEN_TERMS = 1e-6;

describe.each(names)('of a model whose weights are called as $name', ({ name }) => {
  describe.each(places)('in %s', (place) => {
    test.each(titled('read'))('%s', async (_, row) => {
      const found = await runDense(row, name, place);
      const expected = denseByHand(row);
      const scale = Math.max(1, ...expected.map(Math.abs));
      found.forEach((value, i) => {
        expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(SEVEN_TERMS);
      });
    });
  });
});
