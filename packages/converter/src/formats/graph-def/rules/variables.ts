import { attributesOf, holdVariable, type NodeRule } from '../flattening.ts';
import { failed } from '../value.ts';

/** Variables, whose values stand in a checkpoint. */

const declare =
  (isResource: boolean): NodeRule =>
  (call) => {
    const { node } = call;
    const shared = attributesOf(call)['shared_name']?.['s'];
    const name = typeof shared === 'string' && shared !== '' ? atob(shared) : node.name;
    return [{ kind: 'variable', isResource, variable: { node: node.name, name } }];
  };

const read: NodeRule = (call) => {
  const [input] = call.inputs;
  if (input?.kind === 'variable') return [holdVariable(call, input.variable, call.node.name)];
  return [failed(call.node, 'it reads something that is no variable of the graph')];
};

export const variableRules: Readonly<Record<string, NodeRule>> = {
  VarHandleOp: declare(true),
  Variable: declare(false),
  VariableV2: declare(false),
  ReadVariableOp: read,
};
