import type { Derivative } from '../derive/derivative.ts';
import type { Weights } from '../engine/engine.ts';
import { mainHead, type Network } from '../network/network.ts';
import { indexNodes } from '../network/taps.ts';
import { createGraphWriter } from './graph-writer.ts';
import { fromNhwc, toNhwc } from './lower/elementwise.ts';
import { lowerNode, selectNodes } from './lower/lower-nodes.ts';
import { encodeModel, type OnnxValue } from './proto/onnx-model.ts';
import { writeSeeds, seedInputs } from './seeds.ts';

/** What a compiled graph computes. */
export interface CompileRequest {
  /** Nodes that are given: the network's inputs, or the one at which a run resumes. */
  readonly given: readonly string[];
  /** Nodes whose values are wanted, beside the logits. */
  readonly outputs: readonly string[];
  readonly derivative: Derivative | null;
}

/** An ONNX model with the bytes of its external file, and the names of its inputs and outputs. */
export interface CompiledGraph {
  readonly model: Uint8Array;
  readonly weights: Uint8Array;
}

/** Names of a graph's inputs and outputs. */
export const onnxNames = {
  given: (node: string): string => `in:${node}`,
  output: (node: string): string => `out:${node}`,
  gradient: (node: string): string => `grad:${node}`,
  logits: 'logits',
  seedGradient: 'seed',
} as const;

/**
 * Compiles a network, and its derivative where one is asked for, into one ONNX graph: image in,
 * activations, logits and gradients out, all in the Network's own layout.
 *
 * Several seeds of one image share its forward values: the backward part has the seeds as its batch
 * axis, and the forward values, whose batch is one, are broadcast.
 */
export function compileGraph(
  network: Network,
  weights: Weights,
  request: CompileRequest,
): CompiledGraph {
  const writer = createGraphWriter();
  const nodes = indexNodes(network);
  const head = mainHead(network);
  const values = new Map<string, string>();
  const inputs: OnnxValue[] = [];
  for (const name of request.given) {
    const { shape } = nodes.get(name)!;
    inputs.push({ name: onnxNames.given(name), type: 'float32', shape: ['batch', ...shape] });
    values.set(name, fromNhwc(writer, onnxNames.given(name), shape));
  }

  const { derivative } = request;
  const wanted = [head.logits, ...request.outputs, ...(derivative?.uses ?? [])];
  for (const node of selectNodes(network, nodes, wanted, new Set(request.given))) {
    values.set(node.name, lowerNode(node, nodes, values, writer, weights));
  }
  const outputs: OnnxValue[] = [];
  const put = (value: string, name: string, shape: readonly number[], batch: string): void => {
    writer.rename(toNhwc(writer, value, shape), name);
    outputs.push({ name, type: 'float32', shape: [batch, ...shape] });
  };
  const flatLogits = writer.add('Reshape', [
    values.get(head.logits)!,
    writer.integers([-1, head.classes]),
  ]);
  writer.rename(flatLogits, onnxNames.logits);
  outputs.push({ name: onnxNames.logits, type: 'float32', shape: ['batch', head.classes] });
  for (const name of new Set(request.outputs)) {
    put(values.get(name)!, onnxNames.output(name), nodes.get(name)!.shape, 'batch');
  }

  if (derivative !== null) {
    inputs.push(...seedInputs(head.classes));
    const seed = writeSeeds(writer, flatLogits, head);
    writer.rename(seed.gradient, onnxNames.seedGradient);
    outputs.push({
      name: onnxNames.seedGradient,
      type: 'float32',
      shape: ['seeds', head.classes],
    });
    const { shape } = nodes.get(derivative.seedAt)!;
    const shaped = writer.add('Reshape', [seed.gradient, writer.integers([-1, ...shape])]);
    values.set(derivative.seed, fromNhwc(writer, shaped, shape));
    const all = new Map([...nodes, ...derivative.nodes.map((node) => [node.name, node] as const)]);
    all.set(derivative.seed, { ...nodes.get(derivative.seedAt)!, name: derivative.seed });
    for (const node of derivative.nodes) {
      values.set(node.name, lowerNode(node, all, values, writer, weights));
    }
    for (const [name, gradient] of derivative.gradients) {
      put(values.get(gradient)!, onnxNames.gradient(name), nodes.get(name)!.shape, 'seeds');
    }
  }
  const { graph, weights: external } = writer.finish(inputs, outputs);
  return { model: encodeModel({ name: network.name, graph }), weights: external };
}
