import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../network/network.ts';
import type { ForeignLayers, Operation, OperationContext } from './operation.ts';
import { operations } from './operations.ts';

/**
 * Computes the nodes in order and adds their values to `values`.
 *
 * A value is freed after the last node that reads it, so that memory peaks at the widest place of the graph
 * and does not grow with its depth. Values in `keep`, and values that were there before, stay. The caller
 * owns everything left in `values`.
 */
export function evaluateNodes(
  nodes: readonly GraphNode[],
  values: Map<string, tf.Tensor>,
  weights: ReadonlyMap<string, tf.Tensor>,
  keep: ReadonlySet<string>,
  foreign: ForeignLayers = new Map(),
): void {
  const uses = new Map<string, number>();
  for (const { inputs } of nodes) {
    for (const input of inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  const given = new Set(values.keys());

  for (const node of nodes) {
    values.set(node.name, evaluateNode(node, values, weights, foreign));
    for (const input of node.inputs) {
      const left = uses.get(input)! - 1;
      uses.set(input, left);
      if (left > 0 || given.has(input) || keep.has(input)) continue;
      values.get(input)?.dispose();
      values.delete(input);
    }
    if (!uses.has(node.name) && !keep.has(node.name)) {
      values.get(node.name)!.dispose();
      values.delete(node.name);
    }
  }
}

function evaluateNode(
  node: GraphNode,
  values: ReadonlyMap<string, tf.Tensor>,
  weights: ReadonlyMap<string, tf.Tensor>,
  foreign: ForeignLayers,
): tf.Tensor {
  const { op } = node;
  if (op.kind === 'input') throw new Error(`input ${node.name} was not supplied`);
  const optionalWeight = (role: string): tf.Tensor | null => {
    const name = node.weights[role];
    return name === undefined ? null : (weights.get(name) ?? null);
  };
  const weight = (role: string): tf.Tensor => {
    const tensor = optionalWeight(role);
    if (tensor === null) throw new Error(`node ${node.name} has no weight '${role}'`);
    return tensor;
  };
  const operation = operations[op.kind] as Operation;
  const inputs = node.inputs.map((input) => values.get(input)!);
  const context: OperationContext = {
    node,
    op,
    inputs,
    weight,
    optionalWeight,
    foreign(layer) {
      const found = foreign.get(layer);
      if (found === undefined)
        throw new Error(`node ${node.name}: no layer ${layer} to compute it`);
      return found;
    },
  };
  return tf.tidy(() => {
    const result = operation(context);
    // An op with nothing to do may return its input; each value is disposed on its own, so it is cloned.
    return inputs.includes(result) ? tf.clone(result) : result;
  });
}
