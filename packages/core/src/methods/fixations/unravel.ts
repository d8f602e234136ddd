import type { NdArray } from '../../base/nd-array.ts';
import type { Cell, Crossing, FixationConvention, Sign } from './crossing.ts';
import type { Route } from './route.ts';

/** A place in the model's input that is to be blamed for a score. */
export interface Fixation {
  readonly row: number;
  readonly column: number;
  /** How many cells lie there: the same place in several channels counts several times. */
  readonly count: number;
}

/** Arrays of one pass and of the model, by the names of nodes and weights. */
export interface UnravelSource {
  /** The value of a node, without the batch axis. */
  readonly value: (node: string) => Float32Array;
  readonly weight: (name: string) => NdArray;
  readonly shape: (node: string) => readonly number[];
}

/**
 * Walks from scores back to the picture. The cells that were reached in a value form a set: a cell that
 * several others lead to counts once.
 *
 * @param start cells of the scores.
 * @returns the places in the picture, row by row.
 */
export function unravel(
  route: Route,
  start: readonly Cell[],
  scores: string,
  source: UnravelSource,
  convention: FixationConvention,
): Fixation[] {
  const reached = new Map<string, Set<number>>();
  const add = (node: string, index: number, sign: Sign): void => {
    const cells = reached.get(node) ?? new Set();
    reached.set(node, cells.add(index * SIGNS + sign + 1));
  };
  for (const { index, sign } of start) add(scores, index, sign);

  for (const { node, rule, ...facts } of route.steps) {
    const cells = reached.get(node.name);
    if (cells === undefined) continue;
    const crossing: Crossing = {
      ...facts,
      node,
      op: node.op,
      convention,
      inputShapes: node.inputs.map(source.shape),
      valueOf: (input) => source.value(node.inputs[input]!),
      weightOf(role) {
        const name = node.weights[role];
        return name === undefined ? undefined : source.weight(name);
      },
    };
    const cross = rule.cross(crossing);
    for (const key of cells) {
      cross(cellOf(key), (input, index, sign) => add(node.inputs[input]!, index, sign));
    }
    reached.delete(node.name);
  }
  return countPlaces(reached, route, source);
}

/** A cell and its sign as one number. */
const SIGNS = 3;

function cellOf(key: number): Cell {
  return { index: Math.floor(key / SIGNS), sign: ((key % SIGNS) - 1) as Sign };
}

function countPlaces(
  reached: ReadonlyMap<string, ReadonlySet<number>>,
  { ends }: Route,
  { shape }: UnravelSource,
): Fixation[] {
  const counts = new Map<number, number>();
  let columns = 1;
  for (const end of ends) {
    const [, width = 1, channels = 1] = shape(end);
    columns = width;
    for (const key of reached.get(end) ?? []) {
      const place = Math.floor(cellOf(key).index / channels);
      counts.set(place, (counts.get(place) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([place, count]) => ({
      row: Math.floor(place / columns),
      column: place % columns,
      count,
    }));
}
