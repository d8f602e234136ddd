import { readFileSync } from 'node:fs';
import type { NdArray } from '../../src/base/nd-array.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import type { Network } from '../../src/network/network.ts';
import { decodeArray, type StoredArray } from './fixture.ts';

/** A layer as it stands in the JSON of a model. */
export type LayerEntry = Readonly<Record<string, unknown>> & {
  readonly class_name: string;
  readonly config: Readonly<Record<string, unknown>>;
};

/** What `tools/oracles/layer_rows.py` writes of one value of one option. */
export interface NumbersRow {
  readonly layer: string;
  readonly option: string | null;
  readonly value: unknown;
  /** By the program that wrote it. */
  readonly entries: Readonly<Record<string, LayerEntry>>;
  /** Keys of the pool. */
  readonly inputs: readonly string[];
  readonly weights: Readonly<Record<string, string>>;
  readonly upstream: string;
  readonly output: StoredArray;
  /** With respect to each input, base64 of float32. */
  readonly gradients: readonly string[];
}

interface Rows {
  readonly pool: Readonly<Record<string, StoredArray>>;
  readonly rows: readonly NumbersRow[];
  readonly nothing: readonly {
    readonly layer: string;
    readonly writer: string;
    readonly shape: readonly number[];
    readonly entry: LayerEntry;
  }[];
}

export const layerRows = JSON.parse(
  readFileSync(new URL('../fixtures/tables/rows.json', import.meta.url), 'utf8'),
) as Rows;

/** An array of the pool, whose key ends with its shape: nothing for a single number. */
export function fromPool(key: string): NdArray {
  const sizes = key.split(' ')[1]!;
  const shape = sizes === '' ? [] : sizes.split(',').map(Number);
  return decodeArray({ ...layerRows.pool[key]!, shape });
}

const versions: Readonly<Record<string, string>> = { keras3: '3.15.1', keras2: '2.21.0' };

/**
 * A model of inputs `in0`, `in1`, .., the layer, a Flatten, and `out`: all with the other sign, so that a softmax
 * before it is not taken for the model's own.
 */
export function modelOfLayer(
  entry: LayerEntry,
  shapes: readonly (readonly number[])[],
  writer: string,
) {
  const inputs = shapes.map((shape, i) => ({
    class_name: 'InputLayer',
    name: `in${i}`,
    config: { name: `in${i}`, batch_input_shape: [null, ...shape] },
    inbound_nodes: [],
  }));
  const name = String(entry.config['name']);
  const inbound = [inputs.map((one) => [one.name, 0, 0, {}])];
  const flat = {
    class_name: 'Flatten',
    name: 'flat',
    config: { name: 'flat' },
    inbound_nodes: [[[name, 0, 0, {}]]],
  };
  const out = {
    class_name: 'Rescaling',
    name: 'out',
    config: { name: 'out', scale: -1, offset: 0 },
    inbound_nodes: [[['flat', 0, 0, {}]]],
  };
  const config = {
    name: 'model',
    layers: [...inputs, { inbound_nodes: inbound, name, ...entry }, flat, out],
    input_layers: inputs.map((one) => [one.name, 0, 0]),
    output_layers: [['out', 0, 0]],
  };
  return {
    keras_version: versions[writer] ?? writer,
    model_config: { class_name: 'Functional', config },
  };
}

/** Reads the layer in such a model; `weights` by what follows the layer's name. */
export function readLayer(
  entry: LayerEntry,
  shapes: readonly (readonly number[])[],
  writer: string,
  weights: Readonly<Record<string, readonly number[]>> = {},
): Network {
  const name = String(entry.config['name']);
  const specs = Object.entries(weights).map(([suffix, shape]) => ({
    name: `${name}/${suffix}`,
    shape,
  }));
  return readNetwork(modelOfLayer(entry, shapes, writer), specs);
}
