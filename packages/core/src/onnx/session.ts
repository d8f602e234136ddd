import type * as ort from 'onnxruntime-common';
import { batchItem, countElements, type NdArray } from '../array/nd-array.ts';
import { deriveGradient } from '../derive/derive.ts';
import type { RunRequest, RunResult, Session, Weights } from '../engine/engine.ts';
import { runWithFunctions } from '../engine/settle-functions.ts';
import { checkInputs, checkLogits, checkReachable, checkSeed } from '../engine/check-run.ts';
import { resolveSeed, type ResolvedSeed, type Seed } from '../engine/seed.ts';
import { GradcamError } from '../errors.ts';
import { findNode, mainHead, type Network } from '../network/network.ts';
import { withOutputFirst } from '../network/select-output.ts';
import { compileGraph, onnxNames } from './compile.ts';
import { createRuntimeSession, type OnnxEngineOptions, type OnnxRuntime } from './runtime.ts';
import { encodeSeeds } from './seeds.ts';

/**
 * Compiled graphs that are kept. Each holds a packed copy of the weights that it reads, so few: the
 * one in use, and the one before for those who alternate.
 */
const KEPT_GRAPHS = 2;

type Feeds = Record<string, ort.Tensor>;
type Graph = { readonly key: string; readonly session: ort.InferenceSession };

/** Compiles a graph for each kind of request and runs it on ONNX Runtime. */
export class OnnxSession implements Session {
  readonly network: Network;
  readonly #weights: Weights;
  readonly #runtime: OnnxRuntime;
  readonly #options: OnnxEngineOptions;
  /** Most recently used last. */
  readonly #graphs: Graph[] = [];
  #disposed = false;

  constructor(
    network: Network,
    weights: Weights,
    runtime: OnnxRuntime,
    options: OnnxEngineOptions,
  ) {
    this.network = network;
    this.#weights = weights;
    this.#runtime = runtime;
    this.#options = options;
  }

  run(request: RunRequest): Promise<RunResult> {
    return runWithFunctions(this, request, (settled) => this.#run(settled));
  }

  async readWeights(names: readonly string[]): Promise<Weights> {
    return pickWeights(this.network, this.#weights, names);
  }

  atOutput(place: number): Session {
    const network = withOutputFirst(this.network, place);
    return new OnnxSession(network, this.#weights, this.#runtime, this.#options);
  }

  async #run(request: RunRequest): Promise<RunResult> {
    if (this.#disposed) throw new GradcamError('engine', 'this session has been disposed');
    const { network } = this;
    const head = mainHead(network);
    const { outputs, gradient } = request;
    for (const name of [...outputs, ...(gradient?.wrt ?? [])]) findNode(network, name);
    const inputs = checkInputs(request, network);
    const batch = [...inputs.values()][0]?.shape[0] ?? 1;
    const feeds: Feeds = {};
    for (const [name, array] of inputs) feeds[onnxNames.given(name)] = this.#tensor(array);

    const seeds = gradient?.seeds ?? [];
    for (const seed of seeds) checkSeed(seed, head.classes, batch);
    const rowsKnown = gradient !== undefined && (seeds.length <= 1 || batch > 1);
    const graph = await this.#open(request, [...inputs.keys()], rowsKnown ? batch : null);
    // One image: all seeds in one run, side by side. A batch: one run for each seed.
    const rounds = gradient === undefined ? [[]] : batch === 1 ? [seeds] : seeds.map((s) => [s]);
    const gradients: ReadonlyMap<string, NdArray>[] = [];
    const resolved: (readonly ResolvedSeed[])[] = [];
    let forward: Pick<RunResult, 'logits' | 'outputs'> | null = null;
    for (const round of rounds.length > 0 ? rounds : [[]]) {
      const rows = Math.max(1, round.length) * batch;
      if (gradient !== undefined) Object.assign(feeds, this.#seedFeeds(round, rows));
      const fetched = await this.#fetch(graph, feeds);
      const logits = takeArray(fetched, onnxNames.logits);
      checkLogits(logits);
      forward ??= {
        logits,
        outputs: new Map(outputs.map((name) => [name, takeArray(fetched, onnxNames.output(name))])),
      };
      round.forEach((seed, s) => {
        resolved.push(seed instanceof Float32Array ? [] : resolveBatch(seed, logits, head));
        gradients.push(
          new Map(
            (gradient?.wrt ?? []).map((name) => {
              const all = takeArray(fetched, onnxNames.gradient(name));
              return [name, takeRows(all, s * batch, batch)];
            }),
          ),
        );
      });
    }
    return { ...forward!, gradients, seeds: resolved };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const { session } of this.#graphs.splice(0)) void session.release();
  }

  async #open(
    request: RunRequest,
    given: readonly string[],
    batch: number | null,
  ): Promise<ort.InferenceSession> {
    const { outputs, gradient } = request;
    const { wrt = [], relu = 'plain' } = gradient ?? {};
    const isDerived = gradient !== undefined;
    const key = JSON.stringify([
      given,
      [...new Set(outputs)].sort(),
      batch,
      isDerived,
      [...wrt].sort(),
      relu,
    ]);
    const index = this.#graphs.findIndex((graph) => graph.key === key);
    if (index >= 0) {
      const [graph] = this.#graphs.splice(index, 1) as [Graph];
      this.#graphs.push(graph);
      return graph.session;
    }
    const seedAt = mainHead(this.network).logits;
    const derivative = isDerived ? deriveGradient(this.network, { wrt, relu, seedAt }) : null;
    checkReachable(this.network, [seedAt, ...outputs, ...(derivative?.uses ?? [])], given);
    const compiled = compileGraph(this.network, this.#weights, {
      given,
      outputs,
      derivative,
      batch,
      blocks: this.#options.provider === undefined || this.#options.provider === 'cpu',
    });
    while (this.#graphs.length >= KEPT_GRAPHS) await this.#graphs.shift()!.session.release();
    const session = await createRuntimeSession(this.#runtime, compiled, this.#options);
    this.#graphs.push({ key, session });
    return session;
  }

  #seedFeeds(seeds: readonly (Seed | Float32Array)[], rows: number): Feeds {
    const { classes } = mainHead(this.network);
    const { direction, rank, mix } = encodeSeeds(seeds, classes, rows);
    const { Tensor } = this.#runtime;
    return {
      'seed:direction': new Tensor('float32', direction, [rows, classes]),
      'seed:rank': new Tensor('int64', rank, [rows]),
      'seed:mix': new Tensor('float32', mix, [rows, 3]),
    };
  }

  #tensor({ shape, data }: NdArray): ort.Tensor {
    return new this.#runtime.Tensor('float32', data, [...shape]);
  }

  async #fetch(
    graph: ort.InferenceSession,
    feeds: Feeds,
  ): Promise<ort.InferenceSession.ReturnType> {
    try {
      return await graph.run(feeds);
    } catch (cause) {
      const reason = (cause as Error).message.split('\n')[0];
      throw new GradcamError('engine', `ONNX Runtime failed: ${reason}`, { cause });
    }
  }
}

function pickWeights(network: Network, weights: Weights, names: readonly string[]): Weights {
  return new Map(
    names.map((name) => {
      const found = weights.get(name);
      if (found !== undefined) return [name, found];
      throw new GradcamError('model', `model ${network.name} has no weight ${name}`);
    }),
  );
}

function takeArray(fetched: ort.InferenceSession.ReturnType, name: string): NdArray {
  const tensor = fetched[name]!;
  return { shape: [...tensor.dims], data: tensor.data as Float32Array };
}

function takeRows({ shape, data }: NdArray, first: number, count: number): NdArray {
  const size = countElements(shape.slice(1));
  return {
    shape: [count, ...shape.slice(1)],
    data: data.subarray(first * size, (first + count) * size),
  };
}

function resolveBatch(
  seed: Seed,
  logits: NdArray,
  { activation }: { activation: 'softmax' | 'sigmoid' | 'linear' },
): ResolvedSeed[] {
  return Array.from({ length: logits.shape[0]! }, (_, i) =>
    resolveSeed(seed, batchItem(logits, i).data, activation),
  );
}
