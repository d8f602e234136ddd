import type { NdArray } from '../../base/nd-array.ts';
import type { BatchedRunOptions } from '../passes/batched-runs.ts';
import type { Session } from '../../engines/port/engine.ts';
import type { Seed } from '../../engines/port/seed.ts';
import type { RunMap, RunMethod } from '../method.ts';

/** What all methods of many runs of one image together are asked. */
export interface ManyRunsPlan {
  readonly seeds: readonly Seed[];
  /** Nodes that are explained; a method without a layer runs once for all. */
  readonly nodes: readonly string[];
  readonly methods: readonly RunMethod[];
}

export interface ManyRunsOptions extends Omit<BatchedRunOptions, 'onProgress'> {
  /** As {@link RunMethod}'s: the budget of each method. */
  readonly runs?: number;
  readonly onProgress?: (progress: {
    readonly method: string;
    readonly layer: string;
    readonly done: number;
    readonly total: number;
  }) => void;
}

/**
 * Runs the methods one after the other.
 *
 * @returns a function that finds the map of a seed, by a method, at a node.
 * @throws the signal's reason when aborted, between runs.
 */
export async function runManyMethods(
  session: Session,
  input: NdArray,
  plan: ManyRunsPlan,
  { onProgress, ...options }: ManyRunsOptions = {},
): Promise<(seed: number, method: RunMethod, node: string) => RunMap> {
  const found = new Map<string, readonly RunMap[]>();
  for (const method of plan.methods) {
    for (const layer of method.usesLayer ? plan.nodes : plan.nodes.slice(0, 1)) {
      const maps = await method.computeMaps(session, input, {
        ...options,
        layer,
        seeds: plan.seeds,
        ...(onProgress === undefined
          ? {}
          : { onProgress: (progress) => onProgress({ method: method.name, layer, ...progress }) }),
      });
      found.set(keyOf(method, layer), maps);
    }
  }
  return (seed, method, node) => {
    const maps = found.get(keyOf(method, node));
    if (maps === undefined) throw new Error(`no run of ${method.name} at ${node} was planned`);
    return maps[seed]!;
  };
}

function keyOf({ name, usesLayer }: RunMethod, node: string): string {
  return JSON.stringify(usesLayer ? [name, node] : [name]);
}
