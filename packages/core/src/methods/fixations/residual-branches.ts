import type { Network } from '../../network/network.ts';
import { indexNodes, listAncestors } from '../../network/walk-graph.ts';

/** The branches of a network's residual blocks. */
export interface Branches {
  /** Nodes on a branch beside a shortcut. */
  readonly nodes: ReadonlySet<string>;
  /** For each sum of several values, its inputs that lead to the picture, the shortcut first. */
  readonly orders: ReadonlyMap<string, readonly number[]>;
}

/**
 * Finds the residual blocks: every sum of several values that depend on the picture is the end of one. The
 * shortcut is the summand with the fewest layers before it, and the branches are the nodes that lead to
 * another summand and not to the shortcut.
 *
 * @param onWay nodes that depend on the picture.
 */
export function findBranches(network: Network, onWay: ReadonlySet<string>): Branches {
  const index = indexNodes(network);
  const nodes = new Set<string>();
  const orders = new Map<string, readonly number[]>();
  for (const { name, op, inputs } of network.nodes) {
    if (op.kind !== 'add' || !onWay.has(name)) continue;
    const summands = [...inputs.keys()].filter((i) => onWay.has(inputs[i]!));
    if (summands.length < 2) continue;
    const before = new Map(
      summands.map((i) => {
        const ancestors = [...listAncestors([inputs[i]!], index)];
        return [i, new Set(ancestors.filter((ancestor) => onWay.has(ancestor)))];
      }),
    );
    summands.sort((a, b) => before.get(a)!.size - before.get(b)!.size || a - b);
    orders.set(name, summands);
    const [shortcut, ...others] = summands;
    for (const other of others) {
      for (const node of before.get(other)!) {
        if (!before.get(shortcut!)!.has(node)) nodes.add(node);
      }
    }
  }
  return { nodes, orders };
}
