import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { GraphModelJson } from '../../src/artifact/model-json.ts';
import type { MemorySink } from './memory-sink.ts';

/** The `model.json` of a GraphModel in memory. */
export function readGraphJson(sink: MemorySink): GraphModelJson {
  return JSON.parse(new TextDecoder().decode(sink.files.get('model.json'))) as GraphModelJson;
}

/** The first output of a GraphModel for one input, by plain tfjs. */
export async function runGraph(
  sink: MemorySink,
  values: Float32Array,
  shape: readonly number[],
): Promise<Float32Array> {
  await tf.setBackend('cpu');
  const json = readGraphJson(sink);
  const parts = json.weightsManifest
    .flatMap(({ paths }) => paths)
    .map((path) => sink.files.get(path)!);
  const model = await loadGraphModel({
    load: async () => ({
      modelTopology: json.modelTopology as object,
      format: json.format,
      signature: json.signature,
      weightSpecs: json.weightsManifest.flatMap(
        ({ weights }) => weights,
      ) as tf.io.WeightsManifestEntry[],
      weightData: new Uint8Array(Buffer.concat(parts)).buffer,
    }),
  });
  const found = tf.tidy(() => {
    const output = [model.predict(tf.tensor(values, [...shape]))].flat()[0] as tf.Tensor;
    return output.dataSync<'float32'>().slice();
  });
  model.dispose();
  return found;
}
