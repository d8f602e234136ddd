import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { decodeWeights } from '../../src/artifact/decode-weights.ts';
import { readManifest } from '../../src/artifact/weights-manifest.ts';
import type { Engine, Session } from '../../src/engines/port/engine.ts';
import type { Seed } from '../../src/engines/port/seed.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import type { RgbImage } from '../../src/image/rgb-image.ts';
import type { ModelFiles } from '../../src/readers/model-files.ts';
import { decodeArray, readFixture, type StoredArray } from './fixture.ts';

/** Nets of the oracle `layers_nets.py`. */
export type LayersNet =
  | 'captioner'
  | 'captioner-by-gru'
  | 'captioner-from-state'
  | 'text-line'
  | 'text-line-by-gru'
  | 'frames'
  | 'gated';

/** What TensorFlow says; keys are `layer@score@class`. */
export interface LayersExpectation {
  readonly inputs: Readonly<Record<string, StoredArray>>;
  readonly logits: StoredArray;
  readonly scores: Readonly<Record<string, number>>;
  readonly activations: Readonly<Record<string, StoredArray>>;
  readonly gradients: Readonly<Record<string, StoredArray>>;
  readonly maps: Readonly<Record<string, StoredArray & { readonly scale: number }>>;
}

export function layersFiles(name: LayersNet): ModelFiles {
  return openModelFolder(fileURLToPath(new URL(`../fixtures/layers/${name}`, import.meta.url)));
}

export function readLayersExpectation(name: LayersNet): LayersExpectation {
  return readFixture(`layers/${name}/expected.json`);
}

/** The layer that the oracle calls SoftGate, as a user of tfjs writes it. */
export class SoftGate extends tfl.layers.Layer {
  static className = 'SoftGate';
  readonly slope: number;
  #shift: tfl.LayerVariable | null = null;

  constructor(config: { slope: number; name?: string }) {
    super(config);
    this.slope = config.slope;
  }

  override build(shape: number[]): void {
    this.#shift = this.addWeight('shift', [shape.at(-1)!], 'float32', tfl.initializers.zeros());
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0]! : inputs;
      const gate = tf.sigmoid(tf.add(tf.mul(x, this.slope), this.#shift!.read()));
      return tf.mul(tf.relu(x), gate);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), slope: this.slope };
  }
}

export function registerSoftGate(): void {
  tf.serialization.registerClass(
    SoftGate as unknown as Parameters<typeof tf.serialization.registerClass>[0],
  );
}

/** A session of the net with the layers of the engine's library. */
export async function openLayersNet(name: LayersNet, engine: Engine): Promise<Session> {
  const files = layersFiles(name);
  const json = JSON.parse(new TextDecoder().decode(await files.readFile('model.json'))) as {
    modelTopology: unknown;
    weightsManifest: unknown;
  };
  const manifest = readManifest(json.weightsManifest);
  const specs = manifest.flatMap((group) => group.weights);
  const network = readNetwork(
    json.modelTopology,
    specs,
    engine.library === undefined ? {} : { library: engine.library },
  );
  return engine.open(network, await decodeWeights(manifest, (path) => files.readFile(path)));
}

/** The scores that the oracle differentiates. */
export function layersSeeds(expected: LayersExpectation): Seed[] {
  return Object.keys(expected.scores).map((key) => {
    const [score, index] = key.split('@') as [Seed['score'], string];
    return { score, of: { class: Number(index) } };
  });
}

export function layersInputs(expected: LayersExpectation) {
  return Object.fromEntries(
    Object.entries(expected.inputs).map(([name, stored]) => [name, decodeArray(stored)]),
  );
}

/** The picture that a net's input was made of: pixels 0..255 brought to -1..1. */
export function layersPicture(expected: LayersExpectation): RgbImage {
  const { shape, data } = layersInputs(expected)['image']!;
  const pixels = Uint8Array.from(data, (value) => Math.round((value + 1) * 127.5));
  return { width: shape[2]!, height: shape[1]!, channels: 3, data: pixels };
}
