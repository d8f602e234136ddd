import type { SeedMap, Method } from './method.ts';

/** Finds the map of the seed at an index, by a method, at a node. */
export type FindMap = (seedIndex: number, method: Method, node: string) => SeedMap;

/** Progress of one method that runs the model itself. */
export interface MethodProgress {
  readonly method: string;
  /** Name of the node that is explained. */
  readonly layer: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Computes the maps of each method at each node, one after the other; a method that uses no layer is
 * computed once.
 *
 * @param explain computes the maps of all seeds for one method at one node.
 * @returns a function that finds a map. It throws Error for a method or node that was not given here.
 */
export async function explainEach(
  { methods, nodes }: { readonly methods: readonly Method[]; readonly nodes: readonly string[] },
  explain: (method: Method, node: string) => ReturnType<Method['explain']>,
): Promise<FindMap> {
  const found = new Map<string, readonly SeedMap[]>();
  for (const method of methods) {
    for (const node of method.usesLayer ? nodes : nodes.slice(0, 1)) {
      found.set(keyOf(method, node), await explain(method, node));
    }
  }
  return (seedIndex, method, node) => {
    const maps = found.get(keyOf(method, node));
    if (maps === undefined) throw new Error(`no map of ${method.name} at ${node} was planned`);
    return maps[seedIndex]!;
  };
}

function keyOf({ name, usesLayer }: Method, node: string): string {
  return JSON.stringify(usesLayer ? [name, node] : [name]);
}
