import type { GraphNode } from '../network.ts';
import type { OpKind } from '../op.ts';
import type { Axes } from './axis.ts';
import { joiningOps, tokenwiseOps } from './op-kinds.ts';
import { kindOfTaken, takenFrom } from './taken-elements.ts';

/** Where a node's value holds the elements that lie along one axis of an input. */
export type AxisFlow =
  /** The elements stay separate and lie along the axis of the value with this index. */
  | number
  /** The node mixes the elements, or they cannot be followed. */
  | 'mixed'
  /** The node reads none of the cells. */
  | 'left out';

/** Ops whose elements along the last axis depend on each other. */
const alongLast: ReadonlySet<OpKind> = new Set<OpKind>(['layerNorm', 'softmax']);

/**
 * Finds where the cells along an axis of an input are in the value of a node.
 *
 * @param index the index of the input among the node's inputs.
 * @param shapeOf and `axesOf` give the shape and the axes of every value.
 */
export function followAxis(
  node: GraphNode,
  index: number,
  axis: number,
  values: {
    readonly shapeOf: (name: string) => readonly number[];
    readonly axesOf: (name: string) => Axes;
  },
): AxisFlow {
  const { op, shape } = node;
  const from = values.shapeOf(node.inputs[index]!);
  const last = from.length - 1;
  if (tokenwiseOps.has(op.kind)) return axis === last && alongLast.has(op.kind) ? 'mixed' : axis;
  if (joiningOps.has(op.kind)) return alignedAxis(from, axis, shape);
  switch (op.kind) {
    case 'dense':
      return axis === last ? 'mixed' : axis;
    case 'sumTo':
    case 'maxTo':
    case 'broadcast':
      return alignedAxis(from, axis, shape);
    case 'matMul': {
      const isTurned = index === 0 ? op.transposeA : op.transposeB;
      const outer = (index === 0) === isTurned ? last : last - 1;
      if (axis < last - 1) return axis;
      return axis === outer ? (index === 0 ? last - 1 : last) : 'mixed';
    }
    case 'permute':
      return op.dims.indexOf(axis);
    case 'reshape':
      return samePlace(from, axis, shape);
    case 'concatenate':
      return axis;
    case 'slice':
    case 'stride':
    case 'gather': {
      if (axis !== op.axis) return axis;
      const meaning = values.axesOf(node.inputs[index]!)[axis] ?? null;
      if (meaning === null) return 'mixed';
      const kind = kindOfTaken(meaning, takenFrom(op, shape[axis]!));
      return kind === 'no cells' ? 'left out' : kind === 'all cells' ? axis : 'mixed';
    }
    default:
      return 'mixed';
  }
}

/** The matching axis of the value that joins several inputs. That value may have further axes in front. */
function alignedAxis(from: readonly number[], axis: number, to: readonly number[]): AxisFlow {
  const place = axis + to.length - from.length;
  return to[place] === from[axis] ? place : 'mixed';
}

/** The axis that has the same size and the same number of elements in the axes before it. */
function samePlace(from: readonly number[], axis: number, to: readonly number[]): AxisFlow {
  const count = (sizes: readonly number[]): number =>
    sizes.reduce((product, size) => product * size, 1);
  const before = count(from.slice(0, axis));
  const place = to.findIndex((size, i) => size === from[axis] && count(to.slice(0, i)) === before);
  return place < 0 ? 'mixed' : place;
}
