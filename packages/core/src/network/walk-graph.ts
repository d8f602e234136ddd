import type { GraphNode, Network } from './network.ts';

type Graph = Pick<Network, 'nodes'>;
type NodeIndex = ReadonlyMap<string, GraphNode>;

const noNames: ReadonlySet<string> = new Set();

/** The nodes of a graph by their names. */
export function indexNodes(graph: Graph): NodeIndex {
  return new Map(graph.nodes.map((node) => [node.name, node]));
}

/**
 * For each value, the nodes that read it, in the order of `nodes`. A node that reads a value twice is
 * listed twice.
 */
export function listReaders(
  nodes: readonly GraphNode[],
): ReadonlyMap<string, readonly GraphNode[]> {
  const readers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const list = readers.get(input);
      if (list === undefined) readers.set(input, [node]);
      else list.push(node);
    }
  }
  return readers;
}

/**
 * Names of all nodes from which the wanted nodes are computed, including the wanted nodes.
 *
 * @param given nodes whose values are already known. Such a node is listed if another listed node reads it,
 *   but the nodes before it are not.
 */
export function listAncestors(
  wanted: readonly string[] | ReadonlySet<string>,
  nodes: NodeIndex,
  given: ReadonlySet<string> = noNames,
): ReadonlySet<string> {
  const found = new Set<string>();
  const pending = [...wanted];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    if (!given.has(name)) pending.push(...nodes.get(name)!.inputs);
  }
  return found;
}

/** Names of every node that is computed from `start`, `start` included. */
export function listDescendants(start: string, graph: Graph): ReadonlySet<string> {
  const found = new Set([start]);
  for (const { name, inputs } of graph.nodes) {
    if (inputs.some((input) => found.has(input))) found.add(name);
  }
  return found;
}

/**
 * The nodes that must be evaluated for the wanted values when the given values are known, in the graph's
 * order.
 */
export function selectNodes(
  graph: Graph,
  wanted: readonly string[] | ReadonlySet<string>,
  given: ReadonlySet<string> = noNames,
): GraphNode[] {
  const needed = listAncestors(wanted, indexNodes(graph), given);
  return graph.nodes.filter(({ name }) => needed.has(name) && !given.has(name));
}

/**
 * Names of the nodes that lie on every path between two nodes, including these two. In the graph's order,
 * these are the nodes that no edge of such a path skips.
 */
export function listCuts(graph: Graph, from: string, to: string): ReadonlySet<string> {
  const before = listAncestors([to], indexNodes(graph));
  const behind = listDescendants(from, graph);
  const between = graph.nodes.filter(({ name }) => before.has(name) && behind.has(name));
  const places = new Map(between.map(({ name }, place) => [name, place]));
  const lastReaders = between.map((_, place) => place);
  for (const [place, { inputs }] of between.entries()) {
    for (const input of inputs) {
      const of = places.get(input);
      if (of !== undefined) lastReaders[of] = Math.max(lastReaders[of]!, place);
    }
  }
  const cuts = new Set<string>();
  let furthest = 0;
  for (const [place, { name }] of between.entries()) {
    if (furthest <= place) cuts.add(name);
    furthest = Math.max(furthest, lastReaders[place]!);
  }
  return cuts;
}
