import type { GraphNode } from '../network.ts';
import { isPictureShape } from '../select-input.ts';
import {
  hasPlaces,
  imageAxes,
  isSameAxis,
  isWhole,
  otherAxis,
  wholeAxis,
  type Axes,
  type Axis,
} from './axis.ts';
import { imageOps, joiningOps, tokenwiseOps } from './op-kinds.ts';
import { regroupAxes } from './regroup.ts';
import { countCells, kindOfTaken, takenFrom, type Taken } from './taken-elements.ts';

/**
 * Finds what the axes of each value count. It follows the rows and columns of the picture from the input
 * through patches, windows, heads and the tokens that the model adds. An axis that cannot be followed is
 * null; its meaning is never guessed from its size.
 */
export function traceAxes(nodes: readonly GraphNode[]): ReadonlyMap<string, Axes> {
  const found = new Map<string, Axes>();
  const byName = new Map(nodes.map((node) => [node.name, node]));
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => ({
      axes: found.get(name)!,
      shape: byName.get(name)!.shape,
    }));
    found.set(node.name, traceNode(node, inputs));
  }
  return found;
}

interface Traced {
  readonly axes: Axes;
  readonly shape: readonly number[];
}

function traceNode(node: GraphNode, inputs: readonly Traced[]): Axes {
  const { op, shape } = node;
  const unknown = shape.map(() => null);
  const [first] = inputs;
  if (op.kind === 'constant') return shape.map(otherAxis);
  if (op.kind === 'input') return isPictureShape(shape) ? imageAxes(shape) : unknown;
  if (first === undefined) return unknown;
  const { axes } = first;
  if (imageOps.has(op.kind)) {
    return isWhole(axes[0], 'rows') && isWhole(axes[1], 'columns') ? imageAxes(shape) : unknown;
  }
  if (tokenwiseOps.has(op.kind)) return axes;
  if (joiningOps.has(op.kind)) return mergeAxes(inputs, shape);
  switch (op.kind) {
    case 'dense':
      return [...axes.slice(0, -1), otherAxis(shape.at(-1)!)];
    case 'globalAveragePool':
    case 'globalMaxPool':
      return axes.slice(2);
    case 'matMul': {
      const [row, column] = [shape.length - 2, shape.length - 1];
      const second = inputs[1]!.axes;
      const outer = inputs.map((side) => ({
        axes: side.axes.slice(0, row),
        shape: side.shape.slice(0, row),
      }));
      return [
        ...mergeAxes(outer, shape.slice(0, row)),
        axes[op.transposeA ? column : row] ?? null,
        second[op.transposeB ? row : column] ?? null,
      ];
    }
    case 'sumTo':
    case 'maxTo':
    case 'broadcast':
      return axes.map((axis, i) => (shape[i] === first.shape[i] ? axis : otherAxis(shape[i]!)));
    case 'reshape':
      return regroupAxes(axes, first.shape, shape);
    case 'permute':
      return op.dims.map((dim) => axes[dim] ?? null);
    case 'concatenate':
      return mergeAxes(inputs, shape).map((axis, i) =>
        i === op.axis ? joinAlong(inputs, op.axis) : axis,
      );
    case 'slice':
    case 'stride':
    case 'gather':
      return axes.map((axis, i) =>
        i === op.axis && axis !== null ? takeFrom(axis, takenFrom(op, shape[i]!)) : axis,
      );
    default:
      return unknown;
  }
}

/** Finds what each axis of a joined value counts, from the inputs that have the same size along it. */
function mergeAxes(inputs: readonly Traced[], shape: readonly number[]): Axes {
  return shape.map((size, i) => {
    const meanings = inputs.flatMap(({ axes, shape: own }): (Axis | null)[] => {
      const place = i - shape.length + own.length;
      return place >= 0 && own[place] === size ? [axes[place] ?? null] : [];
    });
    const places = meanings.filter((axis) => axis !== null).filter(hasPlaces);
    const [one] = places;
    if (one === undefined) return meanings.includes(null) ? null : otherAxis(size);
    return places.every((axis) => isSameAxis(axis, one)) ? one : null;
  });
}

/**
 * The axis of joined parts, of which exactly one has the cells. The others become tokens before and after
 * the cells.
 */
function joinAlong(inputs: readonly Traced[], along: number): Axis | null {
  const axes = inputs.map((input) => input.axes[along] ?? null);
  const sizes = inputs.map(({ shape }) => shape[along]!);
  const sum = (list: readonly number[]): number => list.reduce((total, size) => total + size, 0);
  if (axes.includes(null)) return null;
  const holders = axes.flatMap((axis, i) => (axis !== null && hasPlaces(axis) ? [i] : []));
  const [place] = holders;
  if (place === undefined) return otherAxis(sum(sizes));
  const axis = axes[place] ?? null;
  if (holders.length > 1 || axis === null) return null;
  const before = axis.before + sum(sizes.slice(0, place));
  return { ...axis, before, after: axis.after + sum(sizes.slice(place + 1)) };
}

/** What an axis counts after only some of its elements are taken. */
function takeFrom(axis: Axis, taken: Taken): Axis | null {
  if (!hasPlaces(axis)) return otherAxis(taken.count);
  const kind = kindOfTaken(axis, taken);
  if (kind === 'no cells') return otherAxis(taken.count);
  if (kind === 'all cells') {
    const cells = countCells(axis);
    const before = axis.before - taken.at(0);
    return { digits: axis.digits, before, after: taken.count - before - cells };
  }
  for (const of of ['rows', 'columns'] as const) {
    const isEven = taken.step > 1 && taken.at(0) < taken.step;
    const count = Math.ceil((countCells(axis) - taken.at(0)) / taken.step);
    if (isEven && isWhole(axis, of) && taken.count === count) return wholeAxis(of, count);
  }
  return null;
}
