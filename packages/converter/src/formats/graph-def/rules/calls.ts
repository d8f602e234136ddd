import { attributesOf, type NodeRule } from '../flattening.ts';
import { failed } from '../value.ts';

/** Calls of functions. */

const callByAttribute: NodeRule = (call) => {
  const { name } = (attributesOf(call)['f']?.['func'] ?? {}) as { name?: string };
  if (name === undefined) return [failed(call.node, 'it names no function')];
  return call.callFunction(name, call.inputs);
};

/** A node whose op is a function of the graph, as TensorFlow 1 calls them. */
export const callByOp: NodeRule = (call) => call.callFunction(call.node.op, call.inputs);

export const callRules: Readonly<Record<string, NodeRule>> = {
  PartitionedCall: callByAttribute,
  StatefulPartitionedCall: callByAttribute,
};
