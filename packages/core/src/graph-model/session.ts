import * as tf from '@tensorflow/tfjs-core';
import type { NdArray } from '../array/nd-array.ts';
import { checkInputs, checkLogits, checkReachable } from '../engine/check-run.ts';
import type { RunRequest, RunResult, Session } from '../engine/engine.ts';
import { GradcamError } from '../errors.ts';
import { gradientObstacle } from '../network/opaque-call.ts';
import { findNode, mainHead, type Network } from '../network/network.ts';
import { withOutputFirst } from '../network/select-output.ts';
import { executeNodes, type GraphModel } from './execute.ts';

/** Runs a GraphModel, forward and from any of its nodes on; owns the model. */
export class GraphModelSession implements Session {
  readonly network: Network;
  readonly #model: GraphModel;
  #disposed = false;

  constructor(model: GraphModel, network: Network) {
    this.#model = model;
    this.network = network;
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

    const feeds: tf.NamedTensorMap = {};
    let values: tf.Tensor[] = [];
    try {
      for (const [name, array] of given) feeds[name] = this.#feed(name, array);
      const asked = names.filter((name) => !given.has(name));
      values = await executeNodes(this.#model, feeds, asked);
      const arrays = new Map<string, NdArray>(given);
      for (const [i, name] of asked.entries()) arrays.set(name, await readTensor(values[i]!));
      const found = arrays.get(logits)!;
      const flat = { shape: [found.data.length / classes, classes], data: found.data };
      checkLogits(flat);
      const outputs = new Map(request.outputs.map((name) => [name, arrays.get(name)!]));
      return { logits: flat, outputs, gradients: [], seeds: [] };
    } finally {
      tf.dispose([feeds, values]);
    }
  }

  atOutput(place: number): Session {
    const view = new GraphModelSession(this.#model, withOutputFirst(this.network, place));
    return { network: view.network, run: (request) => view.run(request), dispose: () => undefined };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#model.dispose();
  }

  #feed(name: string, { data, shape }: NdArray): tf.Tensor {
    const info = this.#model.inputs.find((input) => input.name === name);
    return tf.tensor(data, [...shape], info?.dtype === 'int32' ? 'int32' : 'float32');
  }
}

function refuseGradient(request: RunRequest, network: Network): void {
  if (request.gradient === undefined) return;
  const node = findNode(network, mainHead(network).logits);
  const obstacle = node.op.kind === 'opaque' ? gradientObstacle(node.op, node.name, 0) : null;
  throw new GradcamError('unsupported', obstacle ?? `node ${node.name} has no gradient`);
}

async function readTensor(tensor: tf.Tensor): Promise<NdArray> {
  // A copy: the cpu backend hands out its own array.
  return { shape: tensor.shape, data: Float32Array.from(await tensor.data()) };
}
