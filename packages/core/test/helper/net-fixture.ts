import type { NdArray } from '../../src/base/nd-array.ts';
import { decodeWeights } from '../../src/artifact/decode-weights.ts';
import { readManifest } from '../../src/artifact/weights-manifest.ts';
import type { Weights } from '../../src/engines/port/engine.ts';
import type { Network } from '../../src/network/network.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { decodeArray, readFixture, readFixtureBytes, type StoredArray } from './fixture.ts';

/** The nets that the oracle writes, each a folder of `fixtures/nets`. */
export const netNames = [
  'convnext-like',
  'fused-sequential',
  'mobilenet-like',
  'nested-residual',
  'squeeze-excite',
  'two-inputs',
] as const;

export type NetName = (typeof netNames)[number];

/** Raw maps by the oracle's names of the methods, and the scale of each map's error. */
export type StoredMaps = Readonly<Record<string, StoredArray>> & {
  readonly scales: Readonly<Record<string, number>>;
};

/** What TensorFlow says of a net; keys are `layer@class`. */
export interface NetExpectation {
  readonly inputs: Readonly<Record<string, StoredArray>>;
  readonly output: StoredArray;
  readonly logits: StoredArray;
  readonly finalActivation: 'softmax' | 'sigmoid';
  readonly classes: readonly number[];
  readonly activations: Readonly<Record<string, StoredArray>>;
  readonly gradients: Readonly<Record<string, StoredArray>>;
  readonly maps: Readonly<Record<string, StoredMaps>>;
  /** Keys are `policy@class`. */
  readonly inputGradients: Readonly<Record<string, StoredArray>>;
}

export interface NetFixture {
  readonly expected: NetExpectation;
  readonly network: Network;
  readonly weights: Weights;
  readonly inputs: Readonly<Record<string, NdArray>>;
  /** The node of a layer, wherever it is nested. */
  nodeOf(layer: string): string;
}

export async function readNetFixture(name: NetName): Promise<NetFixture> {
  const json = readFixture<{ modelTopology: unknown; weightsManifest: unknown }>(
    `nets/${name}/model.json`,
  );
  const expected = readFixture<NetExpectation>(`nets/${name}/expected.json`);
  const manifest = readManifest(json.weightsManifest);
  const network = readNetwork(
    json.modelTopology,
    manifest.flatMap((group) => group.weights),
  );
  return {
    expected,
    network,
    weights: await decodeWeights(manifest, (path) => readFixtureBytes(`nets/${name}/${path}`)),
    inputs: Object.fromEntries(
      Object.entries(expected.inputs).map(([input, stored]) => [input, decodeArray(stored)]),
    ),
    nodeOf(layer) {
      const names = [...network.layers.keys()];
      const found = names.find((path) => path === layer || path.endsWith(`/${layer}`));
      return network.layers.get(found ?? '') ?? layer;
    },
  };
}
