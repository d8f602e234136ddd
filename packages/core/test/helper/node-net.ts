import { countElements, type NdArray } from '../../src/base/nd-array.ts';
import type { Weights } from '../../src/engines/port/engine.ts';
import type { GraphNode, Network } from '../../src/network/network.ts';

/** A node as a test writes it; its weights are arrays, named after the node and the role. */
export type NodeText = Pick<GraphNode, 'name' | 'op' | 'shape'> & {
  readonly inputs?: readonly string[];
  readonly weights?: Readonly<Record<string, NdArray>>;
};

/** A network written as nodes of the op set; the last one's values are the scores. */
export function nodeNet(texts: readonly NodeText[]): { network: Network; weights: Weights } {
  const nameOf = (node: string, role: string): string => `${node}/${role}`;
  const nodes = texts.map(({ name, op, shape, inputs = [], weights = {} }): GraphNode => {
    const roles = Object.keys(weights).map((role) => [role, nameOf(name, role)]);
    return {
      name,
      op,
      shape,
      inputs,
      weights: Object.fromEntries(roles) as Record<string, string>,
    };
  });
  const { name: logits, shape } = nodes.at(-1)!;
  const classes = countElements(shape);
  const network: Network = {
    name: 'nodes',
    nodes,
    inputs: nodes.filter(({ op }) => op.kind === 'input').map(({ name }) => name),
    heads: [{ logits, probabilities: null, activation: 'linear', shape, classes }],
    layers: new Map(nodes.map(({ name }) => [name, name])),
    notes: [],
  };
  const arrays = texts.flatMap(({ name, weights = {} }) =>
    Object.entries(weights).map(([role, array]) => [nameOf(name, role), array] as const),
  );
  return { network, weights: new Map(arrays) };
}
