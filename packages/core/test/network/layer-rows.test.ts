import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import type { Network } from '../../src/network/network.ts';
import { largestDifference } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import { decodeArray } from '../helper/fixture.ts';
import { fromPool, layerRows, readLayer, type NumbersRow } from '../helper/layer-rows.ts';

/**
 * Of the largest value, or of the largest gradient: float32 against float64 through one layer, with a dozen terms
 * to a sum. A bicubic or antialiased resize of Keras itself is float32.
 */
const ONE_LAYER = 1e-5;

/** The shapes that a row's pool keys stand for, without the batch. */
function shapesOf({ inputs }: NumbersRow): number[][] {
  return inputs.map((key) => [...fromPool(key).shape.slice(1)]);
}

/** As each program writes it; once where both are the same network. */
function networksOf(row: NumbersRow): Network[] {
  const weights = Object.fromEntries(
    Object.entries(row.weights).map(([suffix, key]) => [suffix, fromPool(key).shape]),
  );
  const read = Object.entries(row.entries).map(([writer, entry]) =>
    readLayer(entry, shapesOf(row), writer, weights),
  );
  return [...new Map(read.map((network) => [JSON.stringify(network.nodes), network])).values()];
}

const titled = layerRows.rows.map((row) => {
  const option = row.option === null ? '' : ` ${row.option}=${JSON.stringify(row.value)}`;
  const shapes = row.inputs.map((key) => `[${fromPool(key).shape.slice(1).join(', ')}]`).join(' ');
  return [
    `${row.layer}${option} of ${shapes} by ${Object.keys(row.entries).join(', ')}`,
    row,
  ] as const;
});

/** Each value of docs/tables/layers that is read, against the Keras that wrote it. */
describe.each(['wasm', 'onnx'] as const)('layers of others on %s', (name) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(name);
  });

  test.each(titled)('%s', async (_, row) => {
    for (const network of networksOf(row)) await expectNumbers(engine, network, row);
  });
});

async function expectNumbers(engine: Engine, network: Network, row: NumbersRow): Promise<void> {
  const layer = String(Object.values(row.entries)[0]!.config['name']);
  const weights = Object.entries(row.weights).map(
    ([suffix, key]) => [`${layer}/${suffix}`, fromPool(key)] as const,
  );
  const before = tf.memory().numTensors;
  const session = await engine.open(network, new Map(weights));
  try {
    const inputs = Object.fromEntries(row.inputs.map((key, i) => [`in${i}`, fromPool(key)]));
    const result = await session.run({
      inputs,
      outputs: ['flat'],
      gradient: {
        seeds: [fromPool(row.upstream).data.map((value) => -value) as Float32Array],
        // An index has no gradient: there the row has none, and the value itself is asked for.
        wrt: row.gradients.length > 0 ? Object.keys(inputs) : ['flat'],
        relu: 'plain',
      },
    });
    const output = decodeArray(row.output).data;
    expect(largestDifference(result.outputs.get('flat')!.data, output)).toBeLessThan(ONE_LAYER);
    row.gradients.forEach((float32, i) => {
      const expected = decodeArray({ shape: fromPool(row.inputs[i]!).shape, float32 }).data;
      const found = result.gradients[0]!.get(`in${i}`)!.data;
      expect(largestDifference(found, expected), `gradient at in${i}`).toBeLessThan(ONE_LAYER);
    });
  } finally {
    session.dispose();
  }
  expect(tf.memory().numTensors).toBe(before);
}
