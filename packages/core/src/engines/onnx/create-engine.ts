import { refuseOpaque } from '../port/check-run.ts';
import { countElements } from '../../base/nd-array.ts';
import type { Engine, WeightSource } from '../port/engine.ts';
import { makeInProcess } from './make-in-process.ts';
import { makeStored } from './make-stored.ts';
import { runOnnxFile, runOnnxValues } from './run-file.ts';
import type { OnnxEngineOptions, OnnxRuntime } from './runtime.ts';
import { OnnxSession } from './session.ts';
import { turnTelemetryOff } from './telemetry.ts';

/**
 * Creates an engine that compiles a network and its derivative into one ONNX graph and runs it on ONNX
 * Runtime: at native speed in Node, with wasm or WebGPU in browsers.
 *
 * ```ts
 * import * as ort from 'onnxruntime-node';
 * const engine = createOnnxEngine(ort);
 * ```
 *
 * In Node it sets `ORT_DISABLE_TELEMETRY` for the process, so that the runtime does not report to its
 * vendor. A worker thread cannot set it for the process; there it warns if the variable is not set.
 *
 * @param runtime `onnxruntime-node` or `onnxruntime-web`.
 */
export function createOnnxEngine(runtime: OnnxRuntime, options: OnnxEngineOptions = {}): Engine {
  turnTelemetryOff(runtime);
  const { provider = 'cpu', store, scratch, once = false } = options;
  const engine: Engine = {
    name: `onnx-${provider}`,
    async open(network, weights) {
      refuseOpaque(network, 'ONNX Runtime', 'onnx-file');
      return new OnnxSession(
        network,
        await makeInProcess(network, weights, runtime, options),
        runtime,
      );
    },
    runOnnxFile: (file) => runOnnxFile(file, runtime, options),
    runOnnxValues: (run) => runOnnxValues(run, runtime, options),
    async openFrom(network, source) {
      const isKept = store !== undefined && countBytes(source) >= store.fromBytes;
      if (!isKept || provider !== 'cpu' || source.identity === null) {
        const isDeferred = once && scratch !== undefined && source.defer !== undefined;
        return engine.open(network, await (isDeferred ? source.defer!() : source.read()));
      }
      refuseOpaque(network, 'ONNX Runtime', 'onnx-file');
      const maker = await makeStored(network, source, store, runtime, options);
      return new OnnxSession(network, maker, runtime);
    },
  };
  return engine;
}

function countBytes({ shapes }: WeightSource): number {
  let bytes = 0;
  for (const shape of shapes.values()) {
    bytes += countElements(shape) * Float32Array.BYTES_PER_ELEMENT;
  }
  return bytes;
}
