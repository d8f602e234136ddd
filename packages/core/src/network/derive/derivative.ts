import type { GraphNode } from '../network.ts';

/**
 * Reverse mode of a network as a second graph over the same op set.
 *
 * Its nodes take values of the forward graph by their names, and the seed: the gradient of the
 * score with respect to `seedAt`, which the evaluator supplies under the name `seed`.
 */
export interface Derivative {
  /** In an order in which every node comes after its inputs. */
  readonly nodes: readonly GraphNode[];
  /** Forward node whose gradient the seed is. */
  readonly seedAt: string;
  /** Name under which nodes of this graph refer to the seed. */
  readonly seed: string;
  /** Forward node asked for to the node here that holds its gradient. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Forward nodes whose values this graph reads. */
  readonly uses: ReadonlySet<string>;
}
