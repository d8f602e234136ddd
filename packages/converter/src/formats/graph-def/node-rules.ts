import { MAX_ATTRIBUTE_ITEMS } from '../../bytes/limits.ts';
import type { FlatNode } from './flat-graph.ts';
import { computedInputs, emitNode, type NodeCall, type NodeRule } from './flattening.ts';
import { findOpDefinition } from './op-definition.ts';
import { batchNormRules } from './rules/batch-norms.ts';
import { branchRules } from './rules/branches.ts';
import { callByOp, callRules } from './rules/calls.ts';
import { constantRules } from './rules/constants.ts';
import { passOnRules } from './rules/pass-on.ts';
import { reasonToRefuse } from './rules/refused-ops.ts';
import { variableRules } from './rules/variables.ts';
import { computed, failed, refuse } from './value.ts';

const RULES: ReadonlyMap<string, NodeRule> = new Map(
  Object.entries({
    ...variableRules,
    ...constantRules,
    ...passOnRules,
    ...branchRules,
    ...batchNormRules,
  }),
);

/** Rules that look at inputs which may have failed, or belong to a branch that is not taken. */
const CALLS: ReadonlyMap<string, NodeRule> = new Map(Object.entries(callRules));

/** Flattens a node, after its inputs. */
export const flattenNode: NodeRule = (call) => {
  const { node, inputs, state } = call;
  const { op } = node;
  const calls = CALLS.get(op);
  if (calls !== undefined) return calls(call);
  if (state.graph.hasFunction(op)) return callByOp(call);
  if (op !== 'Merge') {
    const unusable =
      inputs.find(({ kind }) => kind === 'dead') ?? inputs.find(({ kind }) => kind === 'failed');
    if (unusable !== undefined) return [unusable];
  }
  const rule = RULES.get(op);
  if (rule !== undefined) return rule(call);
  const isRun = findOpDefinition(op) !== undefined && !op.startsWith('Placeholder');
  if (!isRun) return [failed(node, reasonToRefuse(op))];
  const made = emitNode(call, computedInputs(call));
  return Array.from({ length: countOutputs(call, made) }, (_, output) => computed(made, output));
};

/** The number of outputs. Where an output is a list, an attribute tells its length. */
function countOutputs({ node }: NodeCall, { attributes }: FlatNode): number {
  const { outputs } = findOpDefinition(node.op)!;
  const key = LISTED_BY[node.op];
  if (key === undefined) return outputs.length;
  const count = Number(attributes[key]?.['i'] ?? 1);
  if (count >= 1 && count <= MAX_ATTRIBUTE_ITEMS) return count;
  throw refuse(node, `it has ${count} outputs`);
}

const LISTED_BY: Readonly<Record<string, string>> = {
  ShapeN: 'N',
  Split: 'num_split',
  SplitV: 'num_split',
  Unpack: 'num',
};
