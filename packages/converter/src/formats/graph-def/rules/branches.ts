import { createMemorySource } from '../../../bytes/source.ts';
import type { FlatWeight } from '../flat-graph.ts';
import {
  attributesOf,
  computedInputs,
  emitNode,
  type NodeCall,
  type NodeRule,
} from '../flattening.ts';
import { openTensorProto } from '../tensor-proto.ts';
import { computed, DEAD, failed, type Value } from '../value.ts';

/** Branches by constant flags, such as whether the model is trained, and the flags. */

const UNDECIDED = 'which branch is taken depends on the input, which is not supported';

/** The flag of a constant; null for a value that is computed. */
async function readFlag(value: Value | undefined): Promise<boolean | null> {
  if (value?.kind !== 'computed') return null;
  const number = (await value.node.weight?.readNumber()) ?? null;
  return number === null ? null : number !== 0;
}

/** TensorFlow 1: the first output has the value if the flag is false, the second if it is true. */
const switchBranch: NodeRule = async ({ node, inputs: [data, flag] }) => {
  const taken = await readFlag(flag);
  if (data === undefined || taken === null) return [failed(node, UNDECIDED)];
  return taken ? [DEAD, data] : [data, DEAD];
};

const mergeBranches: NodeRule = ({ node, inputs }) => [
  inputs.find(({ kind }) => kind !== 'dead') ?? failed(node, 'none of its branches is taken'),
];

/** TensorFlow 2: one of two functions is called. */
const callBranch: NodeRule = async (call) => {
  const [flag, ...values] = call.inputs;
  const taken = await readFlag(flag);
  if (taken === null) return [failed(call.node, UNDECIDED)];
  const { [taken ? 'then_branch' : 'else_branch']: branch } = attributesOf(call);
  const { name } = (branch?.['func'] ?? { name: '' }) as { name: string };
  return call.callFunction(name, values);
};

const logic =
  (decide: (flags: readonly boolean[]) => boolean): NodeRule =>
  async (call) => {
    const flags = await Promise.all(call.inputs.map(readFlag));
    if (!flags.every((flag) => flag !== null)) {
      return [computed(emitNode(call, computedInputs(call)))];
    }
    return [computed(emitFlag(call, decide(flags)))];
  };

function emitFlag(call: NodeCall, flag: boolean): ReturnType<typeof emitNode> {
  // A TensorProto: type 10 is bool, whose values are field 11.
  const message = createMemorySource('flag', Uint8Array.of(0x08, 10, 0x58, flag ? 1 : 0));
  const weight: FlatWeight = {
    variable: null,
    open: () => openTensorProto(call.node.name, message),
    readNumber: async () => (flag ? 1 : 0),
  };
  return emitNode(call, [], { op: 'Const', attributes: {}, weight });
}

export const branchRules: Readonly<Record<string, NodeRule>> = {
  Switch: switchBranch,
  Merge: mergeBranches,
  If: callBranch,
  StatelessIf: callBranch,
  LogicalNot: logic(([flag]) => flag !== true),
  LogicalAnd: logic((flags) => flags.every((flag) => flag)),
  LogicalOr: logic((flags) => flags.some((flag) => flag)),
};
