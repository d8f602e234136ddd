import * as tf from '@tensorflow/tfjs-core';
import type { NdArray } from '../../base/nd-array.ts';
import { checkInputs, checkLogits, checkReachable } from '../port/check-run.ts';
import type { RunRequest, RunResult, Session } from '../port/engine.ts';
import { GradcamError } from '../../base/errors.ts';
import { gradientObstacle } from '../../network/opaque-call.ts';
import { findNode, mainHead, type Network } from '../../network/network.ts';
import { withOutputFirst } from '../../network/select-output.ts';
import { executeNodes, type GraphModel } from './execute.ts';
import type { GraphInput } from '../../readers/graph-def/graph-def.ts';

/**
 * Runs a GraphModel forward, from its inputs or from any of its nodes. The session owns the model.
 */
export class GraphModelSession implements Session {
  readonly network: Network;
  readonly #model: GraphModel;
  readonly #inputs: readonly GraphInput[];
  readonly engine: string;
  #disposed = false;

  constructor(model: GraphModel, network: Network, inputs: readonly GraphInput[], engine: string) {
    this.#model = model;
    this.network = network;
    this.#inputs = inputs;
    this.engine = engine;
  }

  async run(request: RunRequest): Promise<RunResult> {
    if (this.#disposed) throw new GradcamError('engine', 'this session has been disposed');
    const { network } = this;
    const { logits, classes } = mainHead(network);
    refuseGradient(request, network);
    for (const name of request.outputs) findNode(network, name);
    const given = checkInputs(request, network);
    const names = [...new Set([logits, ...request.outputs])];
    checkReachable(network, names, [...given.keys()]);

    const asked = names.filter((name) => !given.has(name));
    const computed = await this.#execute(given, asked);
    const arrays = new Map<string, NdArray>([...given, ...computed]);
    const found = arrays.get(logits)!;
    const flat = { shape: [found.data.length / classes, classes], data: found.data };
    checkLogits(flat);
    const outputs = new Map(request.outputs.map((name) => [name, arrays.get(name)!]));
    return { logits: flat, outputs, gradients: [], seeds: [] };
  }

  async #execute(
    given: ReadonlyMap<string, NdArray>,
    asked: readonly string[],
  ): Promise<Map<string, NdArray>> {
    const feeds: tf.NamedTensorMap = {};
    let values: tf.Tensor[] = [];
    try {
      for (const [name, array] of given) feeds[name] = this.#feed(name, array);
      values = await executeNodes(this.#model, feeds, asked);
      const arrays = new Map<string, NdArray>();
      for (const [i, name] of asked.entries()) arrays.set(name, await readTensor(values[i]!));
      return arrays;
    } finally {
      tf.dispose([feeds, values]);
    }
  }

  atOutput(place: number): Session {
    const network = withOutputFirst(this.network, place);
    const view = new GraphModelSession(this.#model, network, this.#inputs, this.engine);
    const { engine } = this;
    return {
      engine,
      network: view.network,
      run: (request) => view.run(request),
      dispose: () => undefined,
    };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#model.dispose();
  }

  /** The tensor of an input, with the axis order and the type that the model takes. */
  #feed(name: string, { data, shape }: NdArray): tf.Tensor {
    const input = this.#inputs.find((one) => one.name === name);
    if (input === undefined) return tf.tensor(data, [...shape], 'float32');
    return tf.tidy(() => {
      // Resizing makes fractions, which are rounded for an input of whole numbers; tfjs would truncate them.
      const values = input.dtype === 'int32' ? Int32Array.from(data, roundToEven) : data;
      const image = tf.tensor(values, [...shape], input.dtype);
      if (input.layout === 'chw') return tf.transpose(image, [0, 3, 1, 2]);
      return input.layout === 'hw' ? tf.reshape(image, [shape[0]!, ...input.shape]) : image;
    });
  }
}

/** The nearest whole number; halfway between two, the even one, as the network's own rounding does. */
function roundToEven(value: number): number {
  const near = Math.round(value);
  return Math.abs(near - value) === 0.5 ? 2 * Math.round(value / 2) : near;
}

function refuseGradient(request: RunRequest, network: Network): void {
  if (request.gradient === undefined) return;
  const node = findNode(network, mainHead(network).logits);
  const obstacle = node.op.kind === 'opaque' ? gradientObstacle(node.op, node.name, 0) : null;
  throw new GradcamError('unsupported', obstacle ?? `node ${node.name} has no gradient`);
}

async function readTensor(tensor: tf.Tensor): Promise<NdArray> {
  // Copied, because the cpu backend returns its own array.
  return { shape: tensor.shape, data: Float32Array.from(await tensor.data()) };
}
