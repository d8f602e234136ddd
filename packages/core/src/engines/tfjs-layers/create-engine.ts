import type { Engine } from '../port/engine.ts';
import { refuseOpaque } from '../port/check-run.ts';
import { listOpaqueCalls } from '../../network/opaque-call.ts';
import { selectBackend } from '../tfjs/backend.ts';
import type { TfjsEngineOptions } from '../tfjs/create-engine.ts';
import type { ForeignLayer } from '../tfjs/operation.ts';
import { TfjsSession } from '../tfjs/session.ts';
import { uploadWeights } from '../tfjs/upload-weights.ts';
import { buildLayer } from './build-layer.ts';
import { layerLibrary } from './library.ts';

/**
 * Creates an engine like that of `createTfjsEngine`, which also computes layers that tfjs-layers has and the
 * op set does not. Each such layer runs on its own, between the ops. Sessions hold their weights until
 * disposed.
 *
 * Gradients through such a layer are tfjs's own. The backend `wasm` lacks some of the kernels for them, and a
 * few kernels are wrong there or on `cpu`. A pass that would use one of these throws GradcamError
 * `unsupported`, which names the layer, the kernel and what to do.
 *
 * @throws GradcamError `engine` where the backend is missing or does not start.
 */
export async function createLayersEngine(options: TfjsEngineOptions = {}): Promise<Engine> {
  const { backend = 'wasm', ...wasm } = options;
  await selectBackend(backend, wasm);
  return {
    name: `tfjs-${backend}`,
    library: layerLibrary,
    async open(network, weights) {
      refuseOpaque(network, 'this tfjs engine', 'tfjs-layers');
      const tensors = uploadWeights(network, weights);
      const foreign = new Map<string, ForeignLayer>();
      try {
        for (const call of listOpaqueCalls(network)) {
          const node = network.nodes.find(({ op }) => op === call)!;
          foreign.set(call.layer, buildLayer(call, node.weights, weights));
        }
      } catch (error) {
        for (const tensor of tensors.values()) tensor.dispose();
        for (const layer of foreign.values()) layer.dispose();
        throw error;
      }
      return new TfjsSession(network, tensors, foreign);
    },
  };
}
