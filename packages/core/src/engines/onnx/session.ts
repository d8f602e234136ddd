import type * as ort from 'onnxruntime-common';
import { countElements, type NdArray } from '../../base/nd-array.ts';
import type { Derivative } from '../../network/derive/derivative.ts';
import { deriveGradient } from '../../network/derive/derive.ts';
import type {
  GradientRequest,
  PassSeed,
  RunRequest,
  RunResult,
  Session,
  Weights,
} from '../port/engine.ts';
import { passWithFunctions } from '../port/resolve-functions.ts';
import { checkInputs, checkLogits, checkReachable, checkSeed } from '../port/check-run.ts';
import { resolveBatch } from '../port/resolve-batch.ts';
import type { ResolvedSeed, Seed } from '../port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { findNode, mainHead, type Network } from '../../network/network.ts';
import { withOutputFirst } from '../../network/select-output.ts';
import { onnxNames } from './compile.ts';
import type { GraphMaker } from './graph-maker.ts';
import { graphKindOf, KeptGraphs, type Graph } from './kept-graphs.ts';
import type { OnnxRuntime } from './runtime.ts';
import { encodeSeeds, seedIsSingle } from './seeds.ts';

type Feeds = Record<string, ort.Tensor>;

/** Compiles a graph for each kind of request and runs it on ONNX Runtime. */
export class OnnxSession implements Session {
  readonly network: Network;
  readonly #maker: GraphMaker;
  readonly #runtime: OnnxRuntime;
  readonly #graphs: KeptGraphs;
  /** Whether the maker belongs to another session, which will dispose it. */
  readonly #isView: boolean;
  readonly #derivatives = new Map<string, Derivative>();
  #disposed = false;
  /** Resolves when the previous pass has ended. */
  #before: Promise<unknown> = Promise.resolve();
  /** The number of passes that run or wait. */
  #pending = 0;

  constructor(network: Network, maker: GraphMaker, runtime: OnnxRuntime, isView = false) {
    this.network = network;
    this.#maker = maker;
    this.#runtime = runtime;
    this.#graphs = new KeptGraphs(maker.kept);
    this.#isView = isView;
  }

  run(request: RunRequest): Promise<RunResult> {
    return passWithFunctions(this, request, (resolved) =>
      this.#afterOthers(() => this.#pass(resolved)),
    );
  }

  readWeights(names: readonly string[]): Promise<Weights> {
    return this.#maker.readWeights(names);
  }

  atOutput(place: number): Session {
    const network = withOutputFirst(this.network, place);
    return new OnnxSession(network, this.#maker, this.#runtime, true);
  }

  async #pass(request: RunRequest): Promise<RunResult> {
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
    // All seeds share one pass of the graph where the forward pass is most of the work. Otherwise the seeds
    // of a batch need one each.
    const isOne = batch === 1 || graph.repeats;
    const rounds = gradient === undefined ? [[]] : isOne ? [seeds] : seeds.map((s) => [s]);
    const gradients: ReadonlyMap<string, NdArray>[] = [];
    const resolved: (readonly ResolvedSeed[])[] = [];
    let forward: Pick<RunResult, 'logits' | 'outputs'> | null = null;
    for (const round of rounds.length > 0 ? rounds : [[]]) {
      const rows = Math.max(1, round.length) * batch;
      if (graph.isDerived) {
        // A forward pass on a graph that also computes a gradient can take any seed.
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

  /** Frees graphs and weights, as soon as no pass is under way. */
  dispose(): void {
    this.#disposed = true;
    if (this.#pending === 0) this.#free();
  }

  #free(): void {
    this.#graphs.dispose();
    if (!this.#isView) this.#maker.dispose();
  }

  /**
   * Runs a task after all earlier ones. One pass takes all threads anyway, and two at a time could compile
   * the same graph twice, or release a graph that the other one is using.
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

  async #open(request: RunRequest, given: readonly string[], items: number): Promise<Graph> {
    const { outputs, gradient } = request;
    const seedAt = mainHead(this.network).logits;
    const derivative = gradient === undefined ? null : this.#derive(gradient, seedAt);
    const kind = graphKindOf({ given, outputs, gradient, derivative, batch: items });
    return this.#graphs.open(kind, () => {
      checkReachable(this.network, [seedAt, ...outputs, ...(derivative?.uses ?? [])], given);
      const { batch, repeats } = kind;
      return this.#maker.create(this.network, { given, outputs, derivative, batch, repeats });
    });
  }

  /** Derivatives are kept: deriving takes 0.5 ms for ResNet-50, and every image asks for the same one. */
  #derive({ wrt, relu }: GradientRequest, seedAt: string): Derivative {
    const key = JSON.stringify([relu, wrt]);
    const known = this.#derivatives.get(key);
    if (known !== undefined) return known;
    const derivative = deriveGradient(this.network, { wrt, relu, seedAt });
    this.#derivatives.set(key, derivative);
    return derivative;
  }

  #seedFeeds(seeds: readonly PassSeed[], rows: number): Feeds {
    const { classes } = mainHead(this.network);
    const { direction, rank, mix, isPlain, isSingle } = encodeSeeds(seeds, classes, rows);
    const { Tensor } = this.#runtime;
    const flag = (value: boolean): ort.Tensor => new Tensor('bool', Uint8Array.of(+value), []);
    return {
      'seed:direction': new Tensor('float32', direction, [rows, classes]),
      'seed:rank': new Tensor('int64', rank, [rows]),
      'seed:mix': new Tensor('float32', mix, [rows, 3]),
      'seed:plain': flag(isPlain),
      [seedIsSingle]: flag(isSingle),
    };
  }

  #tensor({ shape, data }: NdArray): ort.Tensor {
    return new this.#runtime.Tensor('float32', data, [...shape]);
  }

  /**
   * Fetches only the named outputs of a graph, because the runtime copies each one into new memory: 6 MB
   * for the last convolution of ResNet-50 on 16 images.
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
