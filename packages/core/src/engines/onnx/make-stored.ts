import type { Weights, WeightSource } from '../port/engine.ts';
import { partsOf, type DeferredArray, type NdArray } from '../../base/nd-array.ts';
import type { Network } from '../../network/network.ts';
import { compileGraph } from './compile.ts';
import { pickWeights, type GraphMaker } from './graph-maker.ts';
import type { GraphStore } from './graph-store.ts';
import { makeInProcess } from './make-in-process.ts';
import { planMapping, removeMapped, writeMapped } from './mapped-weights.ts';
import { measureBlock } from './measure-block.ts';
import {
  COMPILED,
  graphFile,
  openStoredGraph,
  versionOf,
  writeStoredGraph,
  type OnnxEngineOptions,
  type OnnxRuntime,
} from './runtime.ts';

/** Open graphs of this maker hold memory for their activations alone, because their weights are mapped. */
const KEPT_GRAPHS = 4;

/**
 * Makes graphs that are kept as files between processes. The weights are read only when a graph is made for
 * the first time.
 *
 * @param source must have an identity.
 */
export async function makeStored(
  network: Network,
  source: WeightSource,
  store: GraphStore,
  runtime: OnnxRuntime,
  options: OnnxEngineOptions,
): Promise<GraphMaker> {
  const block = await measureBlock(runtime);
  const graphs = await store.openModel([
    source.identity ?? '',
    `ONNX Runtime ${versionOf(runtime)}`,
    `images in blocks of ${block} channels`,
  ]);
  const shelf = createShelf(source);
  if (!graphs.isKnown) await shelf.fill();
  const mapped = planMapping(network, source.shapes);
  let inProcess: GraphMaker | null = null;
  /** FullGrad asks for the same few biases with every image, and reading the source reads all weights. */
  const recalled = new Map<string, NdArray>();
  return {
    kept: KEPT_GRAPHS,
    async create(asked, request) {
      if (inProcess !== null) return inProcess.create(asked, request);
      const file = graphFile(COMPILED);
      const compiled = compileGraph(asked, shelf.weights, {
        ...request,
        blocks: true,
        mapped,
        file,
      });
      const path = await graphs.open(compiled.model, async (folder) => {
        await shelf.fill();
        await writeMapped(folder, mapped, shelf.weights);
        await writeStoredGraph(runtime, compiled, options, folder);
        await removeMapped(folder);
        shelf.empty();
      });
      if (path !== null) {
        try {
          return await openStoredGraph(runtime, path, options);
        } catch {
          await graphs.remove(compiled.model);
        }
      }
      await shelf.fillMemory();
      inProcess = await makeInProcess(network, shelf.weights, runtime, options);
      return inProcess.create(asked, request);
    },
    async readWeights(names) {
      if (inProcess !== null) return pickWeights(shelf.weights, names);
      if (names.some((name) => !recalled.has(name))) {
        // Copied, because an array may be a view that keeps a whole shard in memory.
        for (const [name, { shape, data }] of pickWeights(await source.read(), names)) {
          recalled.set(name, { shape, data: data.slice() });
        }
      }
      return pickWeights(recalled, names);
    },
    dispose: () => inProcess?.dispose(),
  };
}

/** Weights whose shapes are always known, and whose values are in memory between `fill` and `empty`. */
interface Shelf {
  readonly weights: Weights;
  /** Lets values be read from the model's files when they are asked for, or reads them all. */
  fill(): Promise<void>;
  /** Reads all values into memory. */
  fillMemory(): Promise<void>;
  empty(): void;
}

function createShelf(source: WeightSource): Shelf {
  let held: Weights | null = null;
  const arrayOf = (name: string): NdArray => {
    const found = held?.get(name);
    if (found === undefined) throw new Error(`weight ${name} was read before the shelf was filled`);
    return found;
  };
  const weights = new Map<string, NdArray>();
  for (const [name, shape] of source.shapes) {
    const array: DeferredArray = {
      shape,
      get data() {
        return arrayOf(name).data;
      },
      parts: () => partsOf(arrayOf(name)),
    };
    weights.set(name, array);
  }
  return {
    weights,
    fill: async () => void (held ??= await (source.defer ?? source.read)()),
    fillMemory: async () => void (held = await source.read()),
    empty: () => void (held = null),
  };
}
