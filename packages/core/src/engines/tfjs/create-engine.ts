import { refuseOpaque } from '../port/check-run.ts';
import type { Engine } from '../port/engine.ts';
import { selectBackend, type TfjsBackend } from './backend.ts';
import { TfjsSession } from './session.ts';
import { uploadWeights } from './upload-weights.ts';
import type { WasmOptions } from './wasm-options.ts';

export interface TfjsEngineOptions extends WasmOptions {
  /** Default `wasm`, the fastest backend that needs neither a GPU nor a native build. */
  readonly backend?: TfjsBackend;
}

/**
 * Creates an engine that evaluates networks with TensorFlow.js ops.
 *
 * tfjs has one backend at a time for the whole program. Creating an engine selects its backend.
 *
 * @throws GradcamError `engine` where the backend is missing, does not start, or has 16-bit floats only.
 */
export async function createTfjsEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const { backend = 'wasm', ...wasm } = options;
  await selectBackend(backend, wasm);
  return {
    name: `tfjs-${backend}`,
    async open(network, weights) {
      refuseOpaque(network, 'this tfjs engine');
      return new TfjsSession(network, uploadWeights(network, weights));
    },
  };
}
