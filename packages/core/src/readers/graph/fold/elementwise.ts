import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant, type ElementKind, type Values } from '../constant.ts';
import { broadcastShapes, broadcastStrides, walk } from './shapes.ts';

/** Allocates values of a kind. Floats are float32, the precision in which every runtime computes them. */
export function valuesOf(element: ElementKind, count: number): Values {
  return element === 'float' ? new Float32Array(count) : new Float64Array(count);
}

/** Applies a function to each value. */
export function mapConstant(
  x: Constant,
  name: string,
  element: ElementKind,
  fn: (value: number) => number,
): Constant {
  return lazyConstant(name, element, x.shape, () => {
    const from = x.values();
    const to = valuesOf(element, from.length);
    for (let i = 0; i < from.length; i++) to[i] = fn(from[i]!);
    return to;
  });
}

/**
 * Applies a function to the values of several constants at each place; the shapes are broadcast to each
 * other.
 *
 * @returns null where the shapes do not fit.
 */
export function joinConstants(
  inputs: readonly Constant[],
  name: string,
  element: ElementKind,
  fn: (...values: number[]) => number,
): Constant | null {
  let shape: number[] | null = [];
  for (const input of inputs) {
    shape = broadcastShapes(shape, input.shape);
    if (shape === null) return null;
  }
  const joined = shape;
  return lazyConstant(name, element, joined, () => {
    const values = inputs.map((input) => input.values());
    const to = valuesOf(element, countElements(joined));
    const steps = inputs.map((input) => broadcastStrides(input.shape, joined));
    walk(joined, steps, (places, index) => {
      to[index] = fn(...values.map((one, i) => one[places[i]!]!));
    });
    return to;
  });
}
