// @ts-check
/** Loads the converted model as somebody without this library does: `tf.loadLayersModel` over HTTP. */
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel, model as tfModel } from '@tensorflow/tfjs-layers';
import { createReadStream, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

/**
 * Computes the logits of a model folder.
 *
 * @param {string} folder @param {{ shape: number[], data: Float32Array }} input
 */
export async function runPlainTfjs(folder, input) {
  await tf.setBackend('wasm');
  const server = createServer((request, response) => {
    createReadStream(path.join(folder, path.basename(request.url ?? ''))).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const model = await loadLayersModel(`http://127.0.0.1:${port}/model.json`);
  server.close();
  const { gradcam } = JSON.parse(
    readFileSync(path.join(folder, 'model.json'), 'utf8'),
  ).userDefinedMetadata;
  const logitsModel = tfModel({
    inputs: model.inputs,
    outputs: /** @type {import('@tensorflow/tfjs-layers').SymbolicTensor} */ (
      model.getLayer(gradcam.logits).output
    ),
  });
  const logits = tf.tidy(() => {
    const x = tf.tensor(input.data, input.shape);
    return /** @type {tf.Tensor} */ (logitsModel.predict(x)).dataSync();
  });
  model.dispose();
  return logits;
}
