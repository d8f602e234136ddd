import { convertModel } from '@gradcam/converter/node';
import { loadModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeTemporaryFolder, root } from './run-command.ts';

/** The committed nets, or those in `$GRADCAM_RANDOM_KERAS`, by `tools/oracles/random_keras_files.py`. */
const folder =
  process.env['GRADCAM_RANDOM_KERAS'] ?? path.join(root, 'packages/cli/test/fixtures/random-keras');

interface Stored {
  readonly shape: readonly number[];
  readonly float32: string;
}

interface Expected {
  readonly endings: readonly string[];
  readonly input: Stored;
  readonly output: Stored;
}

/** Float32 through up to a dozen layers, on both sides, of the largest value. */
const DOZEN_LAYERS = 1e-5;

const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) =>
    readExpected(name).endings.map((ending) => [name.replace('json', ending), name] as const),
  );

function readExpected(name: string): Expected {
  return JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Expected;
}

function floats({ float32 }: Stored): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer);
}

function expectClose(values: Float32Array, wanted: Float32Array): void {
  const scale = Math.max(...wanted.map(Math.abs));
  expect(values).toHaveLength(wanted.length);
  const errors = [...wanted].map((value, i) => Math.abs(value - values[i]!) / scale);
  expect(Math.max(...errors)).toBeLessThan(DOZEN_LAYERS);
}

/** The output by plain tfjs on its processor backend. */
async function predictPlainly(model: string, { shape, float32 }: Stored): Promise<Float32Array> {
  await tf.setBackend('cpu');
  const json = JSON.parse(readFileSync(path.join(model, 'model.json'), 'utf8')) as {
    modelTopology: object;
    weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
  };
  const [group] = json.weightsManifest;
  const shards = group!.paths.map((name) => readFileSync(path.join(model, name)));
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer;
  const { modelTopology } = json;
  const artifacts = { modelTopology, weightSpecs: group!.weights, weightData };
  const net = await loadLayersModel({ load: () => Promise.resolve(artifacts) });
  const batch = shape[0] === 1 && shape.length === net.inputs[0]!.shape.length ? [] : [1];
  return tf.tidy(() => {
    const image = tf.tensor(floats({ shape, float32 }), [...batch, ...shape]);
    return (net.predict(image) as tf.Tensor).dataSync<'float32'>().slice();
  });
}

test.each(files)(
  'drawn net %s of Keras 3, converted: its output by TensorFlow',
  async (file, json) => {
    const { input, output } = readExpected(json);
    const out = path.join(makeTemporaryFolder(), 'model');
    const { report } = await convertModel({ source: path.join(folder, file), out });
    // A model of which nothing is said must be one that plain tfjs loads and computes.
    if (report!.notes!.length === 0) {
      expectClose(await predictPlainly(out, input), floats(output));
    }
    const model = await loadModel(openModelFolder(out), { engine: createOnnxEngine(ort) });
    try {
      const { inputs, heads, nodes } = model.network;
      const { probabilities, logits } = heads[0]!;
      const { shape } = nodes.find(({ name }) => name === inputs[0])!;
      const last = probabilities ?? logits;
      const found = await model.session.run({
        inputs: { [inputs[0]!]: { shape: [1, ...shape], data: floats(input) } },
        outputs: [last],
      });
      expectClose(found.outputs.get(last)!.data, floats(output));
    } finally {
      model.dispose();
    }
  },
);
