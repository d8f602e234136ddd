import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import {
  loadLayersModel,
  model as createModel,
  type LayersModel,
  type SymbolicTensor,
} from '@tensorflow/tfjs-layers';
import type { ModelJson } from '../../src/artifact/model-json.ts';
import { readModelJson, type MemorySink } from './memory-sink.ts';

/** Loads an artifact the way any user of tfjs does, from memory. */
export async function loadModel(sink: MemorySink): Promise<LayersModel> {
  await tf.setBackend('cpu');
  const json = readModelJson(sink);
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology as object,
      weightSpecs: json.weightsManifest.flatMap(
        (group) => group.weights,
      ) as tf.io.WeightsManifestEntry[],
      weightData: joinShards(sink, json),
    }),
  );
}

/** Outputs of some layers for one image `[height, width, 3]`, or `[height, width, 1]` for gray, of raw bytes. */
export function runLayers(
  model: LayersModel,
  json: ModelJson,
  image: Uint8Array,
  layers: readonly string[],
): Map<string, Float32Array> {
  const { height, width, channelOrder, scale, mean, std } = json.userDefinedMetadata.gradcam.input;
  const input = new Float32Array(image.length);
  const channels = channelOrder === 'gray' ? 1 : 3;
  for (let index = 0; index < image.length; index++) {
    const channel = index % channels;
    const from = channelOrder === 'bgr' ? index - channel + (2 - channel) : index;
    input[index] = ((image[from] ?? 0) * scale - (mean[channel] ?? 0)) / (std[channel] ?? 1);
  }
  const outputs = layers.map((name) => model.getLayer(name).output as SymbolicTensor);
  const part = createModel({ inputs: model.inputs, outputs });
  const shape: [number, number, number, number] = [1, height, width, channels];
  const results = tf.tidy(() => [part.predict(tf.tensor4d(input, shape))].flat());
  const values = layers.map((name, index): [string, Float32Array] => [
    name,
    results[index]?.dataSync<'float32'>() ?? new Float32Array(0),
  ]);
  tf.dispose(results);
  return new Map(values);
}

/** Largest difference, as a share of the expected values' range. */
export function measureError(found: Float32Array, expected: Float32Array): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  const range =
    expected.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY) -
    expected.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const largest = expected.reduce(
    (worst, value, index) => Math.max(worst, Math.abs(value - (found[index] ?? Number.NaN))),
    0,
  );
  // A constant has no range.
  return largest === 0 ? 0 : largest / range;
}

function joinShards(sink: MemorySink, json: ModelJson): ArrayBuffer {
  const paths = json.weightsManifest.flatMap((group) => group.paths);
  const parts = paths.map((path) => sink.files.get(path) ?? new Uint8Array(0));
  return new Uint8Array(Buffer.concat(parts)).buffer;
}
