import type { FlatWeight } from '../flat-graph.ts';
import { emitNode, type NodeRule } from '../flattening.ts';
import { openTensorProto, readOnlyNumber } from '../tensor-proto.ts';
import { computed, failed } from '../value.ts';

const constant: NodeRule = ({ state, scope, node }) => {
  const { tensor } = node;
  if (tensor === null) return [failed(node, 'it is a constant without a value')];
  const held = state.constants.get(node);
  if (held !== undefined) return [computed(held)];
  const weight: FlatWeight = {
    variable: null,
    open: () => openTensorProto(node.name, tensor),
    readNumber: () => readOnlyNumber(tensor),
  };
  const made = emitNode({ state, scope, node }, [], { attributes: {}, weight });
  state.constants.set(node, made);
  return [computed(made)];
};

export const constantRules: Readonly<Record<string, NodeRule>> = { Const: constant };
