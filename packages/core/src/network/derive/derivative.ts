import type { GraphNode } from '../network.ts';

/**
 * The reverse mode of a network, as a second graph over the same op set.
 *
 * Its nodes read values of the forward graph by their names, and the seed. The seed is the gradient of
 * the score with respect to the node `seedAt`; the evaluator supplies it.
 */
export interface Derivative {
  /** Sorted, so that every node comes after its inputs. */
  readonly nodes: readonly GraphNode[];
  /** The forward node with respect to which the seed is the gradient of the score. */
  readonly seedAt: string;
  /** The name of the seed in the inputs of these nodes. */
  readonly seed: string;
  /**
   * For each requested forward node (the key), the name of the node of this graph that holds its gradient.
   */
  readonly gradients: ReadonlyMap<string, string>;
  /** The forward nodes whose values this graph reads. */
  readonly uses: ReadonlySet<string>;
}
