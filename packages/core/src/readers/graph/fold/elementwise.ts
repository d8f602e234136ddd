import { countElements } from '../../../base/nd-array.ts';
import { lazyConstant, type Constant, type ElementKind, type Values } from '../constant.ts';
import { broadcastShapes, broadcastStrides, walk } from './shapes.ts';

/** Memory for values of a kind: floats as float32, which every runtime computes them in. */
export function valuesOf(element: ElementKind, count: number): Values {
  return element === 'float' ? new Float32Array(count) : new Float64Array(count);
}

/** A function of each value. */
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
 * A function of several constants, place by place, repeated to each other's shape.
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
