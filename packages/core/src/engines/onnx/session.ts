import type * as ort from 'onnxruntime-common';
import { batchItems, type NdArray } from '../../base/nd-array.ts';
import type { Derivative } from '../../network/derive/derivative.ts';
import { deriveGradient } from '../../network/derive/derive.ts';
import type { PassSeed, RunRequest, RunResult, Session, Weights } from '../port/engine.ts';
import { passWithFunctions } from '../port/resolve-functions.ts';
import { checkInputs, checkLogits, checkReachable, checkSeed } from '../port/check-run.ts';
import { isListOfSeeds, resolveBatch } from '../port/resolve-batch.ts';
import type { ResolvedSeed, Seed } from '../port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { findNode, mainHead, type Network } from '../../network/network.ts';
import { narrowRows } from '../../network/narrow-rows.ts';
import { withOutputFirst } from '../../network/select-output.ts';
import { onnxNames } from './compile.ts';
import type { GraphMaker } from './graph-maker.ts';
import { graphKindOf, KeptGraphs, type Graph } from './kept-graphs.ts';
import type { OnnxRuntime } from './runtime.ts';
import { encodeSeeds, seedInputs } from './encode-seeds.ts';

type Feeds = Record<string, ort.Tensor>;

/** What a request computes: a network for its wanted values alone, and the derivative of that. */
interface Plan {
  readonly network: Network;
  readonly derivative: Derivative | null;
}

/** Compiles a graph for each kind of request and runs it on ONNX Runtime. */
export class OnnxSession implements Session {
  readonly network: Network;
  readonly #maker: GraphMaker;
  readonly #runtime: OnnxRuntime;
  readonly #graphs: KeptGraphs;
  /** Whether the maker belongs to another session, which will dispose it. */
  readonly #isView: boolean;
  readonly #plans = new Map<string, Plan>();
  #lastSeeds: { readonly key: string; readonly feeds: Feeds } | null = null;
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
              return [name, batchItems(all, s * batch, batch)];
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
    const { network, derivative } = this.#plan(request, given);
    const kind = graphKindOf({ given, outputs, gradient, derivative, batch: items });
    return this.#graphs.open(kind, () => {
      const { logits } = mainHead(network);
      checkReachable(network, [logits, ...outputs, ...(derivative?.uses ?? [])], given);
      const { batch, repeats } = kind;
      return this.#maker.create(network, { given, outputs, derivative, batch, repeats });
    });
  }

  /** Plans are kept: deriving takes 0.5 ms for ResNet-50, and every image asks for the same one. */
  #plan({ outputs, gradient }: RunRequest, given: readonly string[]): Plan {
    const key = JSON.stringify([given, outputs, gradient?.relu, gradient?.wrt]);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const { logits } = mainHead(this.network);
    const { wrt = [] } = gradient ?? {};
    const network = narrowRows(this.network, [logits, ...outputs, ...wrt], new Set(given));
    const derivative =
      gradient === undefined
        ? null
        : deriveGradient(network, { wrt, relu: gradient.relu, seedAt: logits });
    const plan = { network, derivative };
    this.#plans.set(key, plan);
    return plan;
  }

  /** The tensors of the seeds. Most images of a run have the same ones as the image before. */
  #seedFeeds(seeds: readonly PassSeed[], rows: number): Feeds {
    const key = keyOfSeeds(seeds, rows);
    if (key !== null && key === this.#lastSeeds?.key) return this.#lastSeeds.feeds;
    const head = mainHead(this.network);
    const values = encodeSeeds(seeds, head, rows);
    const feeds: Feeds = {};
    for (const { name, type, shape } of seedInputs(head, rows)) {
      feeds[name] = new this.#runtime.Tensor(type, values[name]!, shape as number[]);
    }
    this.#lastSeeds = key === null ? null : { key, feeds };
    return feeds;
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

/** Equal for equal seeds; null for seeds that hold numbers, which rarely come twice. */
function keyOfSeeds(seeds: readonly PassSeed[], rows: number): string | null {
  const hasNumbers = seeds.some(
    (seed) =>
      seed instanceof Float32Array ||
      (isListOfSeeds(seed) ? seed : [seed]).some(({ of }) => 'direction' in of || 'scalar' in of),
  );
  return hasNumbers ? null : JSON.stringify([seeds, rows]);
}

function takeArray(fetched: ort.InferenceSession.ReturnType, name: string): NdArray {
  const tensor = fetched[name]!;
  return { shape: [...tensor.dims], data: tensor.data as Float32Array };
}
