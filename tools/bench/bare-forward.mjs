// @ts-check
import { countCores } from '@gradcam/core/onnx';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';

/** The folder into which `export_baseline.py` writes. */
export const baselineFolder = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  'gradcam-bench',
);

/**
 * Opens the forward pass with which explanations are compared: the net as PyTorch exports it, run by ONNX
 * Runtime with the same settings. If that file is absent, it is our own graph with the logits as its only
 * output.
 *
 * @param {string} net
 * @param {import('@gradcam/core').Model} model
 * @returns {Promise<BareForward>}
 *
 * @typedef {{ source: string, run(data: Float32Array, batch: number): Promise<unknown>, release():
 * Promise<void> }} BareForward
 */
export async function openBareForward(net, model) {
  const { height, width } = model.input;
  const file = path.join(baselineFolder, `${net}.onnx`);
  if (!existsSync(file)) {
    const input = model.network.inputs[0] ?? '';
    return {
      source: 'our own forward-only graph',
      run: (data, batch) =>
        model.session.run({
          inputs: { [input]: { shape: [batch, height, width, 3], data } },
          outputs: [],
        }),
      release: async () => {},
    };
  }
  const cores = countCores();
  // It is possible that no engine of the library has set this variable yet.
  process.env['ORT_DISABLE_TELEMETRY'] ||= '1';
  const session = await ort.InferenceSession.create(file, {
    executionProviders: ['cpu'],
    ...(cores === null ? {} : { intraOpNumThreads: cores }),
    graphOptimizationLevel: 'all',
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  });
  return {
    source: "PyTorch's ONNX export",
    run: (data, batch) =>
      session.run({ image: new ort.Tensor('float32', data, [batch, 3, height, width]) }),
    release: () => session.release(),
  };
}
