import { noPadding, type Padding } from './op.ts';

/** How a window moves over an image. With the padding, this determines the size of the output. */
export interface WindowGeometry {
  readonly size: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
}

/**
 * Resolves `same` and `valid` to numbers of cells for an image of the given size.
 *
 * With `same`, TensorFlow makes an output of ceil(size / stride). An odd cell goes to the bottom and to
 * the right.
 */
export function resolvePadding(
  mode: 'same' | 'valid',
  image: readonly [height: number, width: number],
  window: WindowGeometry,
): Padding {
  if (mode === 'valid') return noPadding;
  const [top, bottom] = splitSame(image[0], window, 0);
  const [left, right] = splitSame(image[1], window, 1);
  return { top, bottom, left, right };
}

function splitSame(size: number, window: WindowGeometry, axis: 0 | 1): [number, number] {
  const stride = window.strides[axis];
  const extent = (window.size[axis] - 1) * window.dilations[axis] + 1;
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** Number of steps of a window on each axis: floor((size + padding - extent) / stride) + 1. */
export function countWindowSteps(
  image: readonly [height: number, width: number],
  window: WindowGeometry,
  padding: Padding,
): [height: number, width: number] {
  const steps = (axis: 0 | 1, cells: number): number => {
    const extent = (window.size[axis] - 1) * window.dilations[axis] + 1;
    return Math.floor((image[axis] + cells - extent) / window.strides[axis]) + 1;
  };
  return [steps(0, padding.top + padding.bottom), steps(1, padding.left + padding.right)];
}
