import { countElements } from '../../base/nd-array.ts';
import { checkShape } from '../../network/network-limits.ts';
import type { GraphNode } from '../../network/network.ts';
import type { Op } from '../../network/op.ts';

/** A weight of the network, arranged from constants of the file when it is read. */
export interface WeightRecipe {
  readonly shape: readonly number[];
  read(): Float32Array;
}

/** A node that has no name yet. */
export interface DraftNode {
  readonly id: string;
  readonly op: Op;
  readonly inputs: readonly string[];
  readonly shape: readonly number[];
  readonly weights: Readonly<Record<string, string>>;
  readonly isActivation?: true;
  /** Place of the file's node for which it was made; -1 for an input. */
  readonly madeFor: number;
}

/** Collects the nodes and weights of a network that is translated from a graph. */
export interface GraphBuilder {
  readonly nodes: ReadonlyMap<string, DraftNode>;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  readonly notes: string[];
  /** The file's node that is translated from now on. */
  startNode(place: number): void;
  /**
   * Adds a node and returns its id. The same op on the same values is one node.
   *
   * @throws GradcamError `model` for a shape that is none.
   */
  emit(op: Op, inputs: readonly string[], shape: readonly number[], options?: EmitOptions): string;
  /** Registers a weight under a name that says what it is made of, and returns the name. */
  weight(name: string, shape: readonly number[], read: () => Float32Array): string;
}

export interface EmitOptions {
  readonly weights?: Readonly<Record<string, string>>;
  /** The last step of an activation whose op alone does not tell that it is one. */
  readonly isActivation?: true;
}

export function createGraphBuilder(): GraphBuilder {
  const nodes = new Map<string, DraftNode>();
  const weights = new Map<string, WeightRecipe>();
  /** Moves of a value that were made before, so that each is made once. */
  const moves = new Map<string, string>();
  let madeFor = -1;
  return {
    nodes,
    weights,
    notes: [],
    startNode(place) {
      madeFor = place;
    },
    emit(op, inputs, shape, { weights = {}, ...rest } = {}) {
      const isMove = op.kind === 'reshape' || op.kind === 'permute';
      const move = isMove ? JSON.stringify([op, inputs, shape]) : '';
      const known = isMove ? moves.get(move) : undefined;
      if (known !== undefined) return known;
      checkShape(`node ${madeFor} of the graph`, shape);
      const id = `#${nodes.size}`;
      nodes.set(id, { id, op, inputs, shape, weights, madeFor, ...rest });
      if (isMove) moves.set(move, id);
      return id;
    },
    weight(name, shape, read) {
      const known = weights.get(name);
      if (known === undefined) {
        weights.set(name, { shape, read });
        return name;
      }
      if (known.shape.join() === shape.join()) return name;
      // Two uses of one constant in other shapes.
      return this.weight(`${name} [${shape.join(', ')}]`, shape, read);
    },
  };
}

/** Values of a node without its batch axis. */
export function countValues({ shape }: DraftNode | GraphNode): number {
  return countElements(shape);
}
