import type { GraphNode, Network } from './network.ts';
import type { Op } from './op.ts';
import { demandsOf, isSameDemand, joinDemands, shapeOfDemand, type Demand } from './row-demand.ts';
import { indexNodes, selectNodes } from './walk-graph.ts';

/**
 * Lets nodes compute only the rows that are read.
 *
 * A vision transformer reads its scores off the class token, so behind the attention of its last block only
 * one of some two hundred tokens matters. Ops that treat each token alone need not compute the others. The
 * derivative of the narrowed network does not compute their gradients, which are zeros, either.
 *
 * @param kept names of the nodes whose whole values are wanted.
 * @param given names of the nodes whose values are known.
 * @returns a network with the same values of the nodes in `kept`; the same object if nothing is narrowed.
 */
export function narrowRows(
  network: Network,
  kept: readonly string[],
  given: ReadonlySet<string> = new Set(),
): Network {
  const nodes = indexNodes(network);
  const shapeOf = (name: string): readonly number[] => nodes.get(name)!.shape;
  const needed = selectNodes(network, kept, given);
  const demands = new Map<string, Demand>([...kept, ...given].map((name) => [name, 'all']));
  for (const node of [...needed].reverse()) {
    const demand = saves(node, demands.get(node.name)!, shapeOf) ? demands.get(node.name)! : 'all';
    demands.set(node.name, demand);
    demandsOf(node, demand, shapeOf)!.forEach((part, index) => {
      const input = node.inputs[index]!;
      demands.set(input, joinDemands(demands.get(input), part));
    });
  }
  if (needed.every(({ name }) => demands.get(name) === 'all')) return network;

  const isNeeded = new Set(needed);
  const written = new Map<string, GraphNode>();
  /** Writes a node that takes a part of a value. Nothing is taken if the value is just that part. */
  const take = (name: string, input: string, part: Exclude<Demand, 'all'>): void => {
    const whole = demands.get(input)!;
    const start = part.start - (whole === 'all' ? 0 : whole.start);
    const op: Op = isSameDemand(part, whole)
      ? { kind: 'reshape' }
      : { kind: 'slice', axis: part.axis, start };
    written.set(name, {
      ...{ name, op, inputs: [input], weights: {} },
      shape: shapeOfDemand(shapeOf(input), part),
    });
  };
  for (const node of network.nodes) {
    // A node that is not needed stays as it is. It is never computed.
    if (!isNeeded.has(node)) {
      written.set(node.name, node);
      continue;
    }
    const demand = demands.get(node.name)!;
    const parts = demandsOf(node, demand, shapeOf)!;
    if (node.op.kind === 'slice' && parts[0] !== 'all') {
      take(node.name, node.inputs[0]!, parts[0]!);
      continue;
    }
    const inputs = node.inputs.map((input, index) => {
      const part = parts[index]!;
      if (part === 'all' || isSameDemand(part, demands.get(input)!)) return input;
      const name = `${input}, ${part.start} to ${part.start + part.length} of axis ${part.axis}`;
      if (!written.has(name)) take(name, input, part);
      return name;
    });
    written.set(node.name, { ...node, inputs, shape: shapeOfDemand(node.shape, demand) });
  }
  return { ...network, nodes: [...written.values()] };
}

/** Whether a node can compute the demanded rows alone, and saves at least half of its work by that. */
function saves(
  node: GraphNode,
  demand: Demand,
  shapeOf: (name: string) => readonly number[],
): boolean {
  if (demand === 'all' || demand.length * 2 > node.shape[demand.axis]!) return false;
  return demandsOf(node, demand, shapeOf) !== null;
}
