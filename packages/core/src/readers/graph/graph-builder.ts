import { countElements } from '../../base/nd-array.ts';
import { checkShape } from '../../network/network-limits.ts';
import type { GraphNode } from '../../network/network.ts';
import type { Op } from '../../network/op.ts';
import { transposeValues } from './transpose-values.ts';

/** How a weight of the network is made of constants of the file. It is made when somebody reads it. */
export interface WeightRecipe {
  readonly shape: readonly number[];
  read(): Float32Array;
  /** For a weight whose axes only stand in another order than in the file: the file's own order. */
  readonly turned?: TurnedWeight;
}

/** A weight as the file has it. Axis i of the network's weight is axis `order[i]` of it. */
export interface TurnedWeight {
  readonly shape: readonly number[];
  readonly order: readonly number[];
  read(): Float32Array;
}

/** A node of the network before it has a name. */
export interface DraftNode {
  readonly id: string;
  readonly op: Op;
  readonly inputs: readonly string[];
  readonly shape: readonly number[];
  readonly weights: Readonly<Record<string, string>>;
  readonly isActivation?: true;
  /** Index of the file's node for which it was made; -1 for an input. */
  readonly madeFor: number;
}

/** Collects the nodes and weights of a network while a graph is translated. */
export interface GraphBuilder {
  readonly nodes: ReadonlyMap<string, DraftNode>;
  readonly weights: ReadonlyMap<string, WeightRecipe>;
  readonly notes: string[];
  /** The only size of batches that the file takes; 1 where it takes single pictures. */
  fixedBatch: number;
  /** States which of the file's nodes is translated from now on, by its index. */
  startNode(place: number): void;
  /**
   * Adds a node and returns its id. Where the same reshape or permutation exists already, its id is returned.
   *
   * @throws GradcamError `model` for a shape with invalid sizes.
   */
  emit(op: Op, inputs: readonly string[], shape: readonly number[], options?: EmitOptions): string;
  /** Adds a weight under a name that says how it is made, and returns the name under which it is kept. */
  weight(name: string, shape: readonly number[], read: () => Float32Array): string;
  /** The same for a weight of the file whose axes only stand in another order. */
  turnedWeight(name: string, turned: TurnedWeight): string;
}

export interface EmitOptions {
  readonly weights?: Readonly<Record<string, string>>;
  /** Marks the last step of an activation that is written as several ops. */
  readonly isActivation?: true;
}

export function createGraphBuilder(): GraphBuilder {
  const nodes = new Map<string, DraftNode>();
  const weights = new Map<string, WeightRecipe>();
  /** Ids of reshapes and permutations, so that each is made once. */
  const moves = new Map<string, string>();
  let madeFor = -1;
  const register = (name: string, recipe: WeightRecipe): string => {
    const { shape } = recipe;
    const known = weights.get(name);
    if (known === undefined) {
      weights.set(name, recipe);
      return name;
    }
    if (known.shape.join() === shape.join()) return name;
    // The constant is used in two shapes.
    return register(`${name} [${shape.join(', ')}]`, recipe);
  };
  return {
    nodes,
    weights,
    notes: [],
    fixedBatch: 1,
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
    weight: (name, shape, read) => register(name, { shape, read }),
    turnedWeight(name, turned) {
      const shape = turned.order.map((axis) => turned.shape[axis]!);
      const read = (): Float32Array => transposeValues(turned.read(), turned.shape, turned.order);
      return register(name, { shape, read, turned });
    },
  };
}

/** Number of a node's values, without its batch axis. */
export function countValues({ shape }: DraftNode | GraphNode): number {
  return countElements(shape);
}
