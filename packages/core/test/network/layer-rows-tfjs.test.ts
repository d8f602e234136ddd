import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { buildLayer } from '../../src/engines/tfjs-layers/build-layer.ts';
import { largestDifference } from '../helper/closeness.ts';
import { createEngine } from '../helper/engines.ts';
import {
  fromPool,
  layerRows,
  readLayer,
  type LayerEntry,
  type NumbersRow,
} from '../helper/layer-rows.ts';
import { programs } from '../helper/layer-table.ts';

/** Two float32 ways through one layer, of the largest value. */
const ONE_LAYER = 1e-5;
const WRITER = `tfjs-layers ${programs['tfjs']!.version}`;

/** Values that tfjs-layers itself refuses or computes by another rule: no model of its has them. */
const notOfTfjs: readonly (readonly [layer: string, option: string, value: unknown])[] = [
  ['Activation', 'activation', 'exponential'],
  ['Activation', 'activation', 'leaky_relu'],
  ['Concatenate', 'axis', -2],
  ['ELU', 'alpha', 0.5],
  ['Resizing', 'interpolation', 'bicubic'],
  ['Softmax', 'axis', 1],
  ['Softmax', 'axis', 2],
  ['UpSampling2D', 'interpolation', 'bicubic'],
];

/** It leaves the dilation of these out: refused where tfjs wrote the model. */
const undilated: ReadonlySet<string> = new Set(['Conv2DTranspose', 'DepthwiseConv2D']);

const isUndilated = ({ layer, option, value }: NumbersRow): boolean =>
  undilated.has(layer) && option === 'dilation_rate' && value !== 1;

/** Layers whose rows only Keras 3 wrote. Their options are spelled as in Keras 2. */
const ofKeras3: ReadonlySet<string> = new Set([
  'Bidirectional',
  'Embedding',
  'GRU',
  'LSTM',
  'Masking',
  'RNN',
  'SimpleRNN',
  'TimeDistributed',
]);

/** A row's layer in the spelling of Keras 2, which is tfjs's. */
function entryOf({ layer, entries }: NumbersRow): LayerEntry | undefined {
  return entries['keras2'] ?? (ofKeras3.has(layer) ? entries['keras3'] : undefined);
}

/** Rows of what tfjs-layers has: its classes and options, as Keras 2 spells them too. */
const rows = layerRows.rows.filter((row) => {
  const { layer, option, value } = row;
  const options = programs['tfjs']!.layers[layer];
  // The middle of a picture is left to tfjs-layers itself, where that wrote the model.
  if (options === undefined || entryOf(row) === undefined || layer === 'CenterCrop') return false;
  if (option !== null && !options.includes(option)) return false;
  return !notOfTfjs.some((one) => one[0] === layer && one[1] === option && one[2] === value);
});

/** Keras 2 writes fields of the class above, which tfjs refuses. */
function configOf(row: NumbersRow): Readonly<Record<string, unknown>> {
  const { config } = entryOf(row)!;
  if (row.layer !== 'SeparableConv2D') return config;
  return Object.fromEntries(
    Object.entries(config).filter(([name]) => !/^kernel_(?!size)/.test(name)),
  );
}

const titled = rows.map((row) => {
  const shapes = row.inputs.map((key) => key.split(' ')[1]!.slice(2)).join(' and ');
  return [
    `${row.layer} ${row.option ?? ''}=${JSON.stringify(row.value)} of ${shapes}`,
    row,
  ] as const;
});

/** The layer by tfjs-layers itself. */
function runTfjs(row: NumbersRow): Float32Array {
  const className = row.layer;
  const config = configOf(row);
  const inputShapes = row.inputs.map((key) => fromPool(key).shape.slice(1));
  const names = Object.fromEntries(Object.keys(row.weights).map((suffix) => [suffix, suffix]));
  const weights = new Map(
    Object.entries(row.weights).map(([suffix, key]) => [suffix, fromPool(key)]),
  );
  const call = {
    by: 'tfjs-layers',
    layer: 'layer',
    className,
    config,
    inputShapes,
    masked: false,
  } as const;
  const layer = buildLayer(call, names, weights);
  try {
    return tf.tidy(() => {
      const inputs = row.inputs.map((key) =>
        tf.tensor(fromPool(key).data, [...fromPool(key).shape]),
      );
      return layer.call(inputs, null)[0]!.dataSync() as Float32Array;
    });
  } finally {
    layer.dispose();
  }
}

describe('what tfjs-layers writes, against tfjs-layers', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine('cpu');
  });

  test.each(titled.filter(([, row]) => isUndilated(row)))('%s is refused', (_, row) => {
    const shapes = row.inputs.map((key) => fromPool(key).shape.slice(1));
    expect(() => readLayer(entryOf(row)!, shapes, WRITER)).toThrow(
      /attribute dilation_rate is \[2,2\], expected 1: tfjs-layers itself leaves it out/,
    );
  });

  test.each(titled.filter(([, row]) => !isUndilated(row)))('%s', async (_, row) => {
    const expected = runTfjs(row);
    const shapes = row.inputs.map((key) => fromPool(key).shape.slice(1));
    const weights = Object.fromEntries(
      Object.entries(row.weights).map(([suffix, key]) => [suffix, fromPool(key).shape]),
    );
    const network = readLayer(entryOf(row)!, shapes, WRITER, weights);
    const values = Object.entries(row.weights).map(
      ([suffix, key]) => [`layer/${suffix}`, fromPool(key)] as const,
    );
    const session = await engine.open(network, new Map(values));
    try {
      const inputs = Object.fromEntries(row.inputs.map((key, i) => [`in${i}`, fromPool(key)]));
      const { outputs } = await session.run({ inputs, outputs: ['flat'] });
      expect(largestDifference(outputs.get('flat')!.data, expected)).toBeLessThan(ONE_LAYER);
    } finally {
      session.dispose();
    }
  });
});
