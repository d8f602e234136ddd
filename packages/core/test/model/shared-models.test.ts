import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { createGraphModelEngine } from '../../src/engines/graph-model/index.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { findNode } from '../../src/network/network.ts';
import { openModelFolder } from '../../src/node/model-folder.ts';
import { findModelJson } from '../../src/node/model-json-file.ts';
import { createEngine } from '../helper/engines.ts';
import { createRandom, randomArray } from '../helper/random.ts';
import { findShared } from '../helper/shared-data.ts';

/** Of a probability, or of the largest value of an output that is none. */
const SAME_NUMBERS = 1e-5;

/** Nets of MobileNet's size take seconds in plain tfjs. */
const SLOW_MS = 120_000;

interface ModelJson {
  readonly modelTopology: object;
  readonly signature?: object;
  readonly weightsManifest: readonly { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}

/** Every model that lies in a folder of the real data, by name. */
function listModels(kind: string): [string, string][] {
  const root = findShared('data', 'models', kind);
  if (root === null) return [];
  return readdirSync(root).flatMap((name) => {
    const json = findModelJson(path.join(root, name));
    return json === null ? [] : [[name, json] as [string, string]];
  });
}

/** The model as plain tfjs takes it; null where that refuses it. */
async function loadPlain(file: string, isGraph: boolean): Promise<tf.InferenceModel | null> {
  const json = JSON.parse(readFileSync(file, 'utf8')) as ModelJson;
  const paths = json.weightsManifest.flatMap((group) => group.paths);
  const bytes = Buffer.concat(paths.map((one) => readFileSync(path.join(path.dirname(file), one))));
  const artifacts = {
    modelTopology: json.modelTopology,
    signature: json.signature,
    weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
    weightData: Uint8Array.from(bytes).buffer,
  } as tf.io.ModelArtifacts;
  const load = isGraph ? loadGraphModel : loadLayersModel;
  return (load as typeof loadGraphModel)({ load: () => Promise.resolve(artifacts) }).catch(
    () => null,
  );
}

async function compare(file: string, isGraph: boolean, model: Model): Promise<void> {
  const [input] = model.network.inputs as [string];
  const image = randomArray(createRandom(1), [1, ...findNode(model.network, input).shape], 0, 1);
  const wanted = model.network.heads.map((head) => head.probabilities ?? head.logits);
  const found = await model.session.run({ inputs: { [input]: image }, outputs: wanted });
  const plain = await loadPlain(file, isGraph);
  if (plain === null) return;
  const shape = plain.inputs[0]!.shape!;
  const own = tf.tidy(() => {
    const value = tf.tensor(image.data, [...image.shape]);
    const isFirst = shape.length === 4 && shape[3] !== image.shape[3];
    const turned = isFirst ? tf.transpose(value, [0, 3, 1, 2]) : value;
    return [plain.predict(tf.reshape(turned, [1, ...shape.slice(1)]), {})].flat() as tf.Tensor[];
  });
  own.forEach((tensor, i) => {
    const expected = Array.from(tensor.dataSync());
    const scale = Math.max(1, ...expected.map(Math.abs));
    const values = found.outputs.get(wanted[i]!)!.data;
    const error = Math.max(...expected.map((value, j) => Math.abs(value - values[j]!)));
    expect(error / scale).toBeLessThan(SAME_NUMBERS);
  });
}

describe('models of others say what plain tfjs says', () => {
  const layers = listModels('tfjs-layers');
  const graphs = listModels('tfjs-graph');

  test.skipIf(layers.length === 0).each(layers)(
    'LayersModel %s',
    { timeout: SLOW_MS },
    async (_, file) => {
      const engine = await createEngine('onnx');
      // Plain tfjs runs on the backend that was chosen last.
      await createEngine('wasm');
      const model = await loadModel(openModelFolder(file), { engine });
      await compare(file, false, model);
      model.dispose();
    },
  );

  test.skipIf(graphs.length === 0).each(graphs)(
    'GraphModel %s',
    { timeout: SLOW_MS },
    async (_, file) => {
      const engine = await createGraphModelEngine({ backend: 'wasm' });
      const model = await loadModel(openModelFolder(file), { engine });
      await compare(file, true, model);
      model.dispose();
    },
  );
});
