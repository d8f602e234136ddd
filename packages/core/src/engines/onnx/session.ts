import type * as ort from 'onnxruntime-common';
import { batchItem, countElements, type NdArray } from '../../base/nd-array.ts';
import type { Derivative } from '../../network/derive/derivative.ts';
import { deriveGradient } from '../../network/derive/derive.ts';
import type { GradientRequest, RunRequest, RunResult, Session, Weights } from '../port/engine.ts';
import { runWithFunctions } from '../port/settle-functions.ts';
import { checkInputs, checkLogits, checkReachable, checkSeed } from '../port/check-run.ts';
import { resolveSeed, type ResolvedSeed, type Seed } from '../port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { findNode, mainHead, type Head, type Network } from '../../network/network.ts';
import { withOutputFirst } from '../../network/select-output.ts';
import { onnxNames } from './compile.ts';
import type { GraphMaker } from './graph-maker.ts';
import { graphKindOf, KeptGraphs, type Graph } from './kept-graphs.ts';
import type { OnnxRuntime } from './runtime.ts';
import { encodeSeeds } from './seeds.ts';

type Feeds = Record<string, ort.Tensor>;

/** Compiles a graph for each kind of request and runs it on ONNX Runtime. */
export class OnnxSession implements Session {
  readonly network: Network;
  readonly #maker: GraphMaker;
  readonly #runtime: OnnxRuntime;
  readonly #graphs: KeptGraphs;
  /** Whether the maker is another session's. */
  readonly #isView: boolean;
  readonly #derivatives = new Map<string, Derivative>();
  #disposed = false;
  /** Settled when the run before is over. */
  #before: Promise<unknown> = Promise.resolve();
  /** Runs that are under way or wait. */
  #pending = 0;

  constructor(network: Network, maker: GraphMaker, runtime: OnnxRuntime, isView = false) {
    this.network = network;
    this.#maker = maker;
    this.#runtime = runtime;
    this.#graphs = new KeptGraphs(maker.kept);
    this.#isView = isView;
  }

  run(request: RunRequest): Promise<RunResult> {
    return runWithFunctions(this, request, (settled) =>
      this.#afterOthers(() => this.#run(settled)),
    );
  }

  readWeights(names: readonly string[]): Promise<Weights> {
    return this.#maker.readWeights(names);
  }

  atOutput(place: number): Session {
    const network = withOutputFirst(this.network, place);
    return new OnnxSession(network, this.#maker, this.#runtime, true);
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
    const graph = await this.#open(request, [...inputs.keys()], batch);
    // One image: all seeds in one run, side by side. A batch: one run for each seed.
    const rounds = gradient === undefined ? [[]] : batch === 1 ? [seeds] : seeds.map((s) => [s]);
    const gradients: ReadonlyMap<string, NdArray>[] = [];
    const resolved: (readonly ResolvedSeed[])[] = [];
    let forward: Pick<RunResult, 'logits' | 'outputs'> | null = null;
    for (const round of rounds.length > 0 ? rounds : [[]]) {
      const rows = Math.max(1, round.length) * batch;
      if (graph.isDerived) {
        // A forward run on a graph with a gradient: any seed will do.
        const asked = gradient === undefined ? [anySeed] : round;
        Object.assign(feeds, this.#seedFeeds(asked, rows));
      }
      const fetched = await this.#fetch(graph.session, feeds, [
        onnxNames.logits,
        ...outputs.map((name) => onnxNames.output(name)),
        ...(gradient?.wrt ?? []).map((name) => onnxNames.gradient(name)),
      ]);
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

  /** Runs that are under way end before anything is freed. */
  dispose(): void {
    this.#disposed = true;
    if (this.#pending === 0) this.#free();
  }

  #free(): void {
    this.#graphs.dispose();
    if (!this.#isView) this.#maker.dispose();
  }

  /**
   * One run at a time: each takes all threads anyway, and of runs side by side one would compile a
   * graph that the other has under way, or release the one that the other is using.
   */
  #afterOthers<T>(task: () => Promise<T>): Promise<T> {
    this.#pending++;
    const result = this.#before.then(task).finally(() => {
      this.#pending--;
      if (this.#disposed && this.#pending === 0) this.#free();
    });
    this.#before = result.catch(() => undefined);
    return result;
  }

  async #open(request: RunRequest, given: readonly string[], batch: number): Promise<Graph> {
    const { outputs, gradient } = request;
    const seedAt = mainHead(this.network).logits;
    const derivative = gradient === undefined ? null : this.#derive(gradient, seedAt);
    const kind = graphKindOf(given, outputs, gradient, derivative, batch);
    return this.#graphs.open(kind, () => {
      checkReachable(this.network, [seedAt, ...outputs, ...(derivative?.uses ?? [])], given);
      return this.#maker.create(this.network, { given, outputs, derivative, batch: kind.batch });
    });
  }

  /** A gradient is derived once, 0.5 ms for ResNet-50, and then asked for with every image. */
  #derive({ wrt, relu }: GradientRequest, seedAt: string): Derivative {
    const key = JSON.stringify([relu, wrt]);
    const known = this.#derivatives.get(key);
    if (known !== undefined) return known;
    const derivative = deriveGradient(this.network, { wrt, relu, seedAt });
    this.#derivatives.set(key, derivative);
    return derivative;
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

  /**
   * Fetches what is asked for and no more of what a graph has: each value comes in new memory, the last
   * convolution of 16 images of ResNet-50 in 6 MB.
   */
  async #fetch(
    graph: ort.InferenceSession,
    feeds: Feeds,
    names: readonly string[],
  ): Promise<ort.InferenceSession.ReturnType> {
    try {
      return await graph.run(feeds, names);
    } catch (cause) {
      const reason = (cause as Error).message.split('\n')[0];
      throw new GradcamError('engine', `ONNX Runtime failed: ${reason}`, { cause });
    }
  }
}

const anySeed: Seed = { score: 'logit', of: { rank: 0 } };

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

function resolveBatch(seed: Seed, logits: NdArray, head: Head): ResolvedSeed[] {
  return Array.from({ length: logits.shape[0]! }, (_, i) =>
    resolveSeed(seed, batchItem(logits, i).data, head),
  );
}
