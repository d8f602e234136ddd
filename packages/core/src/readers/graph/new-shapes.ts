import { countElements } from '../../base/nd-array.ts';
import { axisOf, contradictory, type TitledNode } from './node-error.ts';

/** Shapes that nodes give to their input. The rules are the same for constants and computed values. */

/**
 * The shape that a reshape asks for, where one size may be -1 and stands for what is left.
 *
 * @throws GradcamError `model` where the input has another number of elements.
 */
export function reshapedShape(
  node: TitledNode,
  from: readonly number[],
  asked: readonly number[],
): readonly number[] {
  const count = countElements(from);
  const known = countElements(asked.filter((size) => size !== -1));
  const shape = asked.map((size) => (size === -1 ? count / known : size));
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  const open = asked.filter((size) => size === -1).length;
  if (isShape && open <= 1 && countElements(shape) === count) return shape;
  throw contradictory(
    node,
    `a value [${from.join(', ')}] does not become [${asked.join(', ')}]; another --input-size may be needed`,
  );
}

/**
 * The axes that a squeeze drops.
 *
 * @param stated null for every axis of size 1, except the batch's.
 * @throws GradcamError `model` for a stated axis of another size.
 */
export function squeezedAxes(
  node: TitledNode,
  shape: readonly number[],
  stated: readonly number[] | null,
  batch: number | null,
): ReadonlySet<number> {
  if (stated === null) {
    return new Set(shape.flatMap((size, axis) => (size === 1 && axis !== batch ? [axis] : [])));
  }
  const dropped = stated.map((axis) => axisOf(node, axis, shape.length));
  const long = dropped.find((axis) => shape[axis] !== 1);
  if (long !== undefined) throw contradictory(node, `axis ${long} has size ${shape[long]}`);
  return new Set(dropped);
}

/**
 * A shape with axes of size 1 put in.
 *
 * @param axes their places in the result; negative ones count from the end.
 * @throws GradcamError `model` for a place that is named twice or that the result does not have.
 */
export function unsqueezedShape(
  node: TitledNode,
  from: readonly number[],
  axes: readonly number[],
): readonly number[] {
  const rank = from.length + axes.length;
  const added = new Set(axes.map((axis) => axisOf(node, axis, rank)));
  if (added.size !== axes.length) {
    throw contradictory(node, `axes [${axes.join(', ')}] put into ${from.length} others`);
  }
  const rest = [...from];
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : rest.shift()!));
}

/**
 * Checks an order of axes, where axis i of the result is axis `order[i]` of the input.
 *
 * @throws GradcamError `model` where an axis is missing or named twice.
 */
export function checkOrder(
  node: TitledNode,
  order: readonly number[],
  shape: readonly number[],
): void {
  const isOrder = [...order].sort((a, b) => a - b).join() === shape.map((_, i) => i).join();
  if (isOrder) return;
  throw contradictory(
    node,
    `order of axes [${order.join(', ')}] for a value [${shape.join(', ')}]`,
  );
}

/**
 * Checks a shape that a constant of the file states.
 *
 * @throws GradcamError `model` for sizes that are no whole numbers from 0 on, or more than 32 of them.
 */
export function checkStatedShape(node: TitledNode, shape: readonly number[]): void {
  const isShape =
    shape.length <= 32 && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape) throw contradictory(node, `a shape [${shape.slice(0, 8).join(', ')}]`);
}
