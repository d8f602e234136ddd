import { refuseOpaque } from '../engine/check-run.ts';
import type { Engine } from '../engine/engine.ts';
import type { OnnxEngineOptions, OnnxRuntime } from './runtime.ts';
import { storeWeights } from './mapped-weights.ts';
import { OnnxSession } from './session.ts';

/**
 * An engine that compiles a network and its derivative into one ONNX graph and runs it on ONNX
 * Runtime: native speed in Node, wasm or WebGPU in browsers.
 *
 * ```ts
 * import * as ort from 'onnxruntime-node';
 * const engine = createOnnxEngine(ort);
 * ```
 *
 * @param runtime `onnxruntime-node` or `onnxruntime-web`.
 */
export function createOnnxEngine(runtime: OnnxRuntime, options: OnnxEngineOptions = {}): Engine {
  return {
    name: `onnx-${options.provider ?? 'cpu'}`,
    async open(network, weights) {
      refuseOpaque(network, 'ONNX Runtime');
      const store = await storeWeights(network, weights, options.scratch);
      return new OnnxSession(network, store, runtime, options);
    },
  };
}
