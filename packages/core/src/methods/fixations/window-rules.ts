import type { NdArray } from '../../base/nd-array.ts';
import type { Convolution, OpOf, Window } from '../../network/op.ts';
import type { Crossing, RuleOf, Sign } from './crossing.ts';
import { largestElement, positiveElements } from './dense-rule.ts';

/**
 * A convolution: the input channel whose contribution to the cell, summed over the window, is largest. The
 * cell is the centre of the window; on a residual branch it is the channel's largest activation in the
 * window, as in the authors' code for ResNets. Biases do not count.
 *
 * A convolution whose window is the whole value is a dense layer.
 */
export const conv2dRule: RuleOf<'conv2d'> = {
  reads: true,
  roles: ['kernel'],
  keepsPlace: ({ op }, [height, width]) => isCentred(op) && height! > 0 && width! > 0,
  cross(crossing) {
    const { op, node, inputShapes, valueOf } = crossing;
    const kernel = crossing.weightOf('kernel')!;
    const [rows, columns, perGroup, filters] = kernel.shape as [number, number, number, number];
    const [height, width, channels] = inputShapes[0] as [number, number, number];
    const { data: weights } = kernel;
    const value = valueOf(0);
    if (node.shape[0] === 1 && node.shape[1] === 1 && rows === height && columns === width) {
      if (op.groups === 1) {
        const weightAt = (element: number, c: number): number => weights[element * filters + c]!;
        const rule = rows * columns === 1 ? positiveElements : largestElement;
        return rule(value, weightAt, inputShapes[0]!);
      }
    }
    const place = placeInWindow(crossing, kernel);
    const perFilter = filters / op.groups;
    const sums = new Float64Array(perGroup);
    return ({ index, sign }, emit) => {
      const { filter, top, left, y, x } = windowOf(index, node.shape, op);
      const first = Math.floor(filter / perFilter) * perGroup;
      sums.fill(0);
      for (let i = 0; i < rows; i++) {
        const row = top + i * op.dilations[0];
        if (row < 0 || row >= height) continue;
        for (let j = 0; j < columns; j++) {
          const column = left + j * op.dilations[1];
          if (column < 0 || column >= width) continue;
          const from = (row * width + column) * channels + first;
          const at = (i * columns + j) * perGroup;
          for (let k = 0; k < perGroup; k++) {
            sums[k]! += value[from + k]! * weights[(at + k) * filters + filter]!;
          }
        }
      }
      let best = 0;
      for (let k = 1; k < perGroup; k++) if (sign * sums[k]! > sign * sums[best]!) best = k;
      const channel = first + best;
      const [row, column] = place({ top, left, y, x }, channel);
      emit(0, (row * width + column) * channels + channel, 1);
    };
  },
};

/**
 * A depthwise convolution has one input channel for each output channel, so that only the place can be
 * chosen: the channel's largest activation in the window, as in a pool. The authors' nets have none.
 */
export const depthwiseRule: RuleOf<'depthwiseConv2d'> = {
  reads: true,
  roles: ['kernel'],
  cross({ op, node, inputShapes, valueOf, weightOf }) {
    const [rows, columns, , multiplier] = weightOf('kernel')!.shape as number[];
    const [height, width, channels] = inputShapes[0] as [number, number, number];
    const value = valueOf(0);
    return ({ index }, emit) => {
      const { filter, top, left } = windowOf(index, node.shape, op);
      const channel = Math.floor(filter / multiplier!);
      const size = [rows!, columns!] as const;
      const window = clipWindow(top, left, size, op.dilations, [height, width]);
      const [row, column] = largestIn(value, window, width, channels, channel, 1);
      emit(0, (row * width + column) * channels + channel, 1);
    };
  },
};

/** A pool: the largest value of the same channel in the window, for means as for maxima. */
export const poolRule: RuleOf<'maxPool' | 'averagePool'> = {
  reads: true,
  roles: [],
  cross({ op, node, inputShapes, valueOf }) {
    const [height, width, channels] = inputShapes[0] as [number, number, number];
    const value = valueOf(0);
    return ({ index, sign }, emit) => {
      const { filter, top, left } = windowOf(index, node.shape, op);
      const window = clipWindow(top, left, op.size, [1, 1], [height, width]);
      const [row, column] = largestIn(value, window, width, channels, filter, sign);
      emit(0, (row * width + column) * channels + filter, sign);
    };
  },
};

/** A pool over the whole grid. */
export const globalPoolRule: RuleOf<'globalAveragePool' | 'globalMaxPool'> = {
  reads: true,
  roles: [],
  cross({ inputShapes, valueOf }) {
    const [height, width, channels] = inputShapes[0] as [number, number, number];
    const value = valueOf(0);
    const window = clipWindow(0, 0, [height, width], [1, 1], [height, width]);
    return ({ index, sign }, emit) => {
      const [row, column] = largestIn(value, window, width, channels, index, sign);
      emit(0, (row * width + column) * channels + index, sign);
    };
  },
};

/** Rows and columns of a window that lie on the image. */
interface Clipped {
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

type Windowed = Pick<Window & Convolution, 'strides' | 'padding'>;

/** Whether a window's centre is the cell's own place: no stride, and padding on half the kernel. */
function isCentred({ strides, padding }: Convolution): boolean {
  const { top, bottom, left, right } = padding;
  return strides.join() === '1,1' && top === bottom && left === right;
}

function windowOf(index: number, shape: readonly number[], { strides, padding }: Windowed) {
  const [, columns = 1, filters = 1] = shape;
  const place = Math.floor(index / filters);
  const y = Math.floor(place / columns) * strides[0];
  const x = (place % columns) * strides[1];
  return { filter: index % filters, y, x, top: y - padding.top, left: x - padding.left };
}

/** Chooses the cell of a convolution's window; the result lies on the image. */
function placeInWindow(
  { op, inputShapes, valueOf, inBranch, convention }: Crossing<OpOf<'conv2d'>>,
  { shape }: NdArray,
) {
  const [height, width, channels] = inputShapes[0] as [number, number, number];
  const [rows, columns] = shape as [number, number];
  const value = valueOf(0);
  const clamp = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));
  return (
    { top, left, y, x }: Readonly<Record<'top' | 'left' | 'y' | 'x', number>>,
    channel: number,
  ): readonly [number, number] => {
    if (inBranch && rows * columns > 1) {
      const window = clipWindow(top, left, [rows, columns], op.dilations, [height, width]);
      return largestIn(value, window, width, channels, channel, 1);
    }
    if (convention.window === 'origin') return [clamp(y, height), clamp(x, width)];
    const middle = (size: number, dilation: number): number =>
      Math.floor((size - 1) / 2) * dilation;
    return [
      clamp(top + middle(rows, op.dilations[0]), height),
      clamp(left + middle(columns, op.dilations[1]), width),
    ];
  };
}

function clipWindow(
  top: number,
  left: number,
  size: readonly [number, number],
  dilations: readonly [number, number],
  image: readonly [number, number],
): Clipped {
  const along = (start: number, axis: 0 | 1): number[] =>
    Array.from({ length: size[axis] }, (_, i) => start + i * dilations[axis]).filter(
      (at) => at >= 0 && at < image[axis],
    );
  return { rows: along(top, 0), columns: along(left, 1) };
}

/** The first largest value of a channel in a window, row by row; the smallest for a sign of -1. */
function largestIn(
  value: Float32Array,
  { rows, columns }: Clipped,
  width: number,
  channels: number,
  channel: number,
  sign: Sign,
): readonly [number, number] {
  let best: readonly [number, number] = [rows[0]!, columns[0]!];
  let most = -Infinity;
  for (const row of rows) {
    for (const column of columns) {
      const at = sign * value[(row * width + column) * channels + channel]!;
      if (at > most) [most, best] = [at, [row, column]];
    }
  }
  return best;
}
