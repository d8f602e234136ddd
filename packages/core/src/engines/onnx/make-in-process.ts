import type { Weights } from '../port/engine.ts';
import type { Network } from '../../network/network.ts';
import { compileGraph } from './compile.ts';
import { pickWeights, type GraphMaker } from './graph-maker.ts';
import { recallWeights, storeWeights } from './mapped-weights.ts';
import {
  createRuntimeSession,
  createSessionFromFiles,
  graphFile,
  type OnnxEngineOptions,
  type OnnxRuntime,
} from './runtime.ts';

/**
 * Each open graph holds a packed copy of its weights. Two open graphs are enough for callers that alternate
 * between two requests.
 */
const KEPT_GRAPHS = 2;

/**
 * Makes graphs that end with the process. The weights stay in memory for later graphs; large dense kernels
 * stay in a scratch folder, if one can be made.
 */
export async function makeInProcess(
  network: Network,
  weights: Weights,
  runtime: OnnxRuntime,
  options: OnnxEngineOptions,
): Promise<GraphMaker> {
  const stored = await storeWeights(network, weights, options);
  const { inMemory, mapped, folder } = stored;
  const { once = false } = options;
  const blocks = (options.provider ?? 'cpu') === 'cpu' && !once;
  let made = 0;
  return {
    kept: KEPT_GRAPHS,
    create(asked, request) {
      const form = { ...request, blocks, mapped };
      if (folder === null) {
        return createRuntimeSession(runtime, compileGraph(asked, inMemory, form), options);
      }
      const name = `graph-${made++}`;
      const compiled = compileGraph(asked, inMemory, {
        ...form,
        file: graphFile(name),
        maps: once,
      });
      return createSessionFromFiles(runtime, compiled, options, folder, name);
    },
    readWeights: async (names) => pickWeights(await recallWeights(stored, names), names),
    dispose: () => folder?.dispose(),
  };
}
