import { countElements } from '../base/nd-array.ts';
import type { GraphNode } from './network.ts';

/** A range of one axis; the batch axis does not count. */
export interface Rows {
  readonly axis: number;
  readonly start: number;
  readonly length: number;
}

/** The part of a value that its readers need. */
export type Demand = Rows | 'all';

/** The smallest part that serves both readers and that is a range of one axis. */
export function joinDemands(a: Demand | undefined, b: Demand): Demand {
  if (a === undefined) return b;
  if (a === 'all' || b === 'all' || a.axis !== b.axis) return 'all';
  const start = Math.min(a.start, b.start);
  const end = Math.max(a.start + a.length, b.start + b.length);
  return { axis: a.axis, start, length: end - start };
}

/** Whether both are the same part of a value. */
export function isSameDemand(a: Demand, b: Demand): boolean {
  if (a === 'all' || b === 'all') return a === b;
  return a.axis === b.axis && a.start === b.start && a.length === b.length;
}

/** The shape of a part of a value. */
export function shapeOfDemand(shape: readonly number[], demand: Demand): readonly number[] {
  if (demand === 'all') return shape;
  return shape.map((size, axis) => (axis === demand.axis ? demand.length : size));
}

/**
 * What a node reads of each input to compute the demanded part of its value.
 *
 * @returns null if the node cannot compute that part alone.
 */
export function demandsOf(
  node: GraphNode,
  demand: Demand,
  shapeOf: (input: string) => readonly number[],
): readonly Demand[] | null {
  const { op, inputs } = node;
  if (op.kind === 'slice') {
    const { axis, start } = op;
    if (demand === 'all') return [{ axis, start, length: node.shape[axis]! }];
    return demand.axis === axis ? [{ ...demand, start: start + demand.start }] : null;
  }
  if (demand === 'all') return inputs.map(() => 'all');
  const shapes = inputs.map(shapeOf);
  switch (op.kind) {
    case 'relu':
    case 'activation':
    case 'sigmoid':
      return [demand];
    case 'dense':
    case 'channelScale':
    case 'affine':
    case 'softmax':
    case 'layerNorm':
      return demand.axis < node.shape.length - 1 ? [demand] : null;
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'maximum':
    case 'minimum':
    case 'compare':
    case 'select':
      if (shapes.some(({ length }) => length !== node.shape.length)) return null;
      return shapes.map((shape) => (shape[demand.axis] === 1 ? 'all' : demand));
    case 'permute':
      return [{ ...demand, axis: op.dims[demand.axis]! }];
    case 'reshape':
      return demandOfReshaped(node.shape, demand, shapes[0]!);
    case 'matMul':
      return demandsOfFactors(op, node.shape.length, demand, shapes);
    default:
      return null;
  }
}

/** The same rows before a reshape, if it keeps their axis. */
function demandOfReshaped(
  shape: readonly number[],
  rows: Rows,
  from: readonly number[],
): readonly Demand[] | null {
  const before = countElements(shape.slice(0, rows.axis));
  const axis = from.findIndex(
    (size, i) => size === shape[rows.axis] && countElements(from.slice(0, i)) === before,
  );
  return axis < 0 ? null : [{ ...rows, axis }];
}

/** Rows of a product are made of rows of its first factor, and columns of columns of the second. */
function demandsOfFactors(
  { transposeA, transposeB }: { readonly transposeA: boolean; readonly transposeB: boolean },
  rank: number,
  rows: Rows,
  shapes: readonly (readonly number[])[],
): readonly Demand[] {
  const [outer, inner] = [rank - 2, rank - 1];
  if (rows.axis === outer) return [{ ...rows, axis: transposeA ? inner : outer }, 'all'];
  if (rows.axis === inner) return ['all', { ...rows, axis: transposeB ? outer : inner }];
  return shapes.map((shape) => (shape[rows.axis] === 1 ? 'all' : rows));
}
