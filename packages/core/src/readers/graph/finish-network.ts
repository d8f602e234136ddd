import type { GraphNode } from '../../network/network.ts';
import type { DraftNode, GraphBuilder, WeightRecipe } from './graph-builder.ts';

/** Nodes with their names, and the weights that they take. */
export interface FinishedNodes {
  readonly nodes: readonly GraphNode[];
  /** Id to name, of the nodes that are left. */
  readonly nameOf: ReadonlyMap<string, string>;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
}

/** Ids of the nodes from which the wanted ones are computed, those included. */
export function listNeeded(builder: GraphBuilder, wanted: readonly string[]): ReadonlySet<string> {
  const needed = new Set<string>();
  const pending = [...wanted];
  for (let id = pending.pop(); id !== undefined; id = pending.pop()) {
    if (needed.has(id)) continue;
    needed.add(id);
    pending.push(...builder.nodes.get(id)!.inputs);
  }
  return needed;
}

/**
 * Leaves out what no output needs, and gives the rest names.
 *
 * @param named ids that have a name of their own; the others are called after the named one whose part they
 *   are.
 * @param titleOf how a node of the file is called.
 */
export function finishNodes(
  builder: GraphBuilder,
  needed: ReadonlySet<string>,
  named: ReadonlyMap<string, string>,
  titleOf: (madeFor: number) => string,
): FinishedNodes {
  const taken = new Set(named.values());
  const nameOf = new Map<string, string>();
  const drafts = [...builder.nodes.values()].filter(({ id }) => needed.has(id));
  for (const draft of drafts) {
    nameOf.set(draft.id, named.get(draft.id) ?? freeName(draft, titleOf(draft.madeFor), taken));
  }
  const used = new Set(drafts.flatMap(({ weights }) => Object.values(weights)));
  return {
    nodes: drafts.map(({ id, op, inputs, shape, weights, isActivation }) => ({
      name: nameOf.get(id)!,
      op,
      inputs: inputs.map((input) => nameOf.get(input)!),
      shape,
      weights,
      ...(isActivation === undefined ? {} : { isActivation }),
    })),
    nameOf,
    weights: new Map([...builder.weights].filter(([name]) => used.has(name))),
  };
}

function freeName({ op }: DraftNode, title: string, taken: Set<string>): string {
  const plain = `${title}/${op.kind}`;
  let name = plain;
  for (let i = 2; taken.has(name); i++) name = `${plain} ${i}`;
  taken.add(name);
  return name;
}
