import type { FlatWeight } from '../flat-graph.ts';
import { emitNode, type NodeRule } from '../flattening.ts';
import type { NodeDef } from '../node-def.ts';
import { openTensorProto, readNumberOf, readOnlyNumber } from '../tensor-proto.ts';
import { computed, failed } from '../value.ts';

const constant: NodeRule = ({ state, scope, node }) => {
  const held = state.constants.get(node);
  if (held !== undefined) return [computed(held)];
  const weight = weightOf(node);
  if (weight === null) return [failed(node, 'it is a constant without a value')];
  const made = emitNode({ state, scope, node }, [], { attributes: {}, weight });
  state.constants.set(node, made);
  return [computed(made)];
};

function weightOf({ name, tensor, stored }: NodeDef): FlatWeight | null {
  if (stored !== undefined) {
    const open = () => Promise.resolve(stored);
    return { variable: null, open, readNumber: () => readNumberOf(stored) };
  }
  if (tensor === null) return null;
  const open = () => openTensorProto(name, tensor);
  return { variable: null, open, readNumber: () => readOnlyNumber(tensor) };
}

export const constantRules: Readonly<Record<string, NodeRule>> = { Const: constant };
