import * as tf from '@tensorflow/tfjs-core';
import type { NdArray } from '../../base/nd-array.ts';
import type { Derivative } from '../../network/derive/derivative.ts';
import { deriveGradient } from '../../network/derive/derive.ts';
import type { GradientRequest, RunRequest, RunResult, Session, Weights } from '../port/engine.ts';
import { checkInputs, checkLogits, checkReachable, checkSeed } from '../port/check-run.ts';
import { joinGradients, resolveBatch } from '../port/resolve-batch.ts';
import type { ResolvedSeed } from '../port/seed.ts';
import { GradcamError } from '../../base/errors.ts';
import { findNode, mainHead, type Network } from '../../network/network.ts';
import { withOutputFirst } from '../../network/select-output.ts';
import { selectNodes } from '../../network/walk-graph.ts';
import { evaluateNodes } from './evaluate.ts';
import type { ForeignLayers } from './operation.ts';

/** Runs a network on the selected tfjs backend. It owns the weights given to it, and disposes them. */
export class TfjsSession implements Session {
  readonly network: Network;
  readonly #weights: ReadonlyMap<string, tf.Tensor>;
  readonly #foreign: ForeignLayers;
  #disposed = false;
  /** How many passes and reads of weights are under way. */
  #pending = 0;

  constructor(
    network: Network,
    weights: ReadonlyMap<string, tf.Tensor>,
    foreign: ForeignLayers = new Map(),
  ) {
    this.network = network;
    this.#weights = weights;
    this.#foreign = foreign;
  }

  run(request: RunRequest): Promise<RunResult> {
    return this.#holdingWeights(() => this.#pass(this.network, request));
  }

  readWeights(names: readonly string[]): Promise<Weights> {
    return this.#holdingWeights(async () => {
      const missing = names.find((name) => !this.#weights.has(name));
      if (missing === undefined) return readAll(names, (name) => this.#weights.get(name));
      throw new GradcamError('model', `model ${this.network.name} has no weight ${missing}`);
    });
  }

  atOutput(place: number): Session {
    const network = withOutputFirst(this.network, place);
    return {
      network,
      run: (request) => this.#holdingWeights(() => this.#pass(network, request)),
      readWeights: (names) => this.readWeights(names),
      dispose: () => undefined,
    };
  }

  /** Runs a task that reads weights; they are not freed before it has ended. */
  async #holdingWeights<T>(task: () => Promise<T>): Promise<T> {
    if (this.#disposed) throw new GradcamError('engine', 'this session has been disposed');
    this.#pending++;
    try {
      return await task();
    } finally {
      this.#pending--;
      if (this.#disposed && this.#pending === 0) this.#free();
    }
  }

  async #pass(network: Network, request: RunRequest): Promise<RunResult> {
    const head = mainHead(network);
    const { gradient } = request;
    const wanted = [...request.outputs, ...(gradient?.wrt ?? [])];
    for (const name of wanted) findNode(network, name);
    const derivative =
      gradient === undefined ? null : deriveGradient(network, { ...gradient, seedAt: head.logits });

    for (const { op } of derivative?.nodes ?? []) {
      if (op.kind !== 'opaqueGradient') continue;
      await this.#foreign.get(op.layer)?.checkGradient(op.output, op.input);
    }

    const values = new Map<string, tf.Tensor>();
    try {
      for (const [name, { data, shape }] of checkInputs(request, network)) {
        values.set(name, tf.tensor(data, [...shape], 'float32'));
      }
      const given = [...values.keys()];
      const keep = new Set([head.logits, ...request.outputs, ...(derivative?.uses ?? [])]);
      checkReachable(network, [...keep], given);
      const nodes = selectNodes(network, keep, new Set(given));
      evaluateNodes(nodes, values, this.#weights, keep, this.#foreign);

      const logits = await readLogits(values.get(head.logits)!, head.classes);
      const outputs = await readAll(request.outputs, (name) => values.get(name));
      const gradients: ReadonlyMap<string, NdArray>[] = [];
      const seeds: (readonly ResolvedSeed[])[] = [];
      for (const seed of gradient?.seeds ?? []) {
        const batch = logits.shape[0]!;
        checkSeed(seed, head.classes, batch);
        const resolved = seed instanceof Float32Array ? [] : resolveBatch(seed, logits, head);
        const numbers = seed instanceof Float32Array ? seed : joinGradients(resolved);
        seeds.push(resolved);
        gradients.push(await this.#passBack(derivative!, gradient!, { numbers, batch }, values));
      }
      return { logits, outputs, gradients, seeds };
    } finally {
      for (const tensor of values.values()) tensor.dispose();
    }
  }

  /** Frees the weights, as soon as no pass is under way. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (this.#pending === 0) this.#free();
  }

  #free(): void {
    for (const tensor of this.#weights.values()) tensor.dispose();
    for (const layer of this.#foreign.values()) layer.dispose();
  }

  async #passBack(
    derivative: Derivative,
    request: GradientRequest,
    seed: { readonly numbers: Float32Array; readonly batch: number },
    forward: ReadonlyMap<string, tf.Tensor>,
  ): Promise<Map<string, NdArray>> {
    const values = new Map<string, tf.Tensor>();
    for (const name of derivative.uses) values.set(name, forward.get(name)!);
    const borrowed = new Set(values.values());
    try {
      const { shape } = findNode(this.network, derivative.seedAt);
      values.set(derivative.seed, tf.tensor(seed.numbers, [seed.batch, ...shape], 'float32'));
      const keep = new Set(derivative.gradients.values());
      evaluateNodes(derivative.nodes, values, this.#weights, keep, this.#foreign);
      return await readAll(request.wrt, (name) => values.get(derivative.gradients.get(name)!));
    } finally {
      for (const tensor of values.values()) if (!borrowed.has(tensor)) tensor.dispose();
    }
  }
}

async function readLogits(tensor: tf.Tensor, classes: number): Promise<NdArray> {
  const data = (await tensor.data()) as Float32Array;
  const logits = { shape: [tensor.shape[0]!, classes], data };
  checkLogits(logits);
  return logits;
}

async function readAll(
  names: readonly string[],
  find: (name: string) => tf.Tensor | undefined,
): Promise<Map<string, NdArray>> {
  const arrays = new Map<string, NdArray>();
  for (const name of names) {
    const tensor = find(name)!;
    // Copied, because the cpu backend returns its own array, which may even be the caller's input.
    const data = Float32Array.from(await tensor.data());
    arrays.set(name, { shape: tensor.shape, data });
  }
  return arrays;
}
