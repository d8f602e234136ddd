import type { NodeRule } from '../flattening.ts';
import { failed } from '../value.ts';

/** Nodes that hand their input on. */

const handOn: NodeRule = ({ node, inputs }) => {
  const [input] = inputs;
  return [input ?? failed(node, 'it has no input')];
};

export const passOnRules: Readonly<Record<string, NodeRule>> = {
  Identity: handOn,
  IdentityN: ({ inputs }) => inputs,
  CheckNumerics: handOn,
  EnsureShape: handOn,
  PlaceholderWithDefault: handOn,
  PreventGradient: handOn,
  Snapshot: handOn,
};
