import { countElements, lazyArray, type NdArray } from '../../../base/nd-array.ts';
import type { Convolution, OutputSize } from '../../../network/op.ts';
import { biasOf, constantKernel, depthwiseArrangement, type Kernel } from './kernel.ts';
import { transposeArray, turnKernel } from './layout.ts';
import { toPads, type Lowering, type LoweringContext } from './lowering.ts';
import { spreadCells } from './spread-cells.ts';
import type { StoredValue } from './stored-order.ts';

type Context = Pick<
  LoweringContext,
  'writer' | 'weight' | 'hasWeight' | 'inputs' | 'node' | 'kernelScale'
>;

/**
 * Up to this number of channels, the gradient at an image is computed phase by phase (`convolvePhases`). The
 * runtime's own adjoint multiplies matrices that are as wide as the number of channels, so 3 channels leave
 * most of its vector registers empty.
 */
const FEW_CHANNELS = 4;

/** Writes the gradient of a convolution with respect to its input. */
export const lowerConv2dAdjoint: Lowering<'conv2dAdjoint'> = (context) => {
  const { op, node } = context;
  const { shape } = context.weight('kernel').array;
  if (op.groups === 1 && isDense(op)) {
    const pads = turnedPads(op, shape);
    if (pads.every((pad) => pad >= 0)) {
      // At stride 1 the adjoint is a convolution with the flipped kernel and exchanged channels.
      const kernel = constantKernel(context, 'turned', (array) =>
        transposeArray(turnKernel(array), [2, 3, 0, 1]),
      );
      return convolveTurned(context, op, kernel, pads, 1);
    }
  }
  const [stride] = op.strides;
  const isUndilated = op.dilations[0] === 1 && op.dilations[1] === 1;
  const few = node.shape.at(-1)! <= FEW_CHANNELS;
  if (op.groups === 1 && isUndilated && few && stride > 1 && stride === op.strides[1]) {
    const name = convolvePhases(context, op, stride);
    return { name, order: 'channelsFirst', isBlocked: false };
  }
  const kernel = constantKernel(context, 'forward', (array) => transposeArray(array, [3, 2, 0, 1]));
  return transposedConvolve(context, op, kernel, op.groups);
};

/** Writes the gradient of a depthwise convolution with respect to its input. */
export const lowerDepthwiseConv2dAdjoint: Lowering<'depthwiseConv2dAdjoint'> = (context) => {
  const { op } = context;
  const { shape } = context.weight('kernel').array;
  const [, , channels = 1, multiplier = 1] = shape;
  const pads = turnedPads(op, shape);
  if (multiplier === 1 && pads.every((pad) => pad >= 0)) {
    const kernel = constantKernel(context, 'turned', (array) =>
      transposeArray(turnKernel(array), [2, 3, 0, 1]),
    );
    if (isDense(op)) return convolveTurned(context, op, kernel, pads, channels);
    const { batch } = context;
    if (batch !== null && context.stored(0).isBlocked === true) {
      return convolveApart(context, kernel, pads, batch);
    }
  }
  const kernel = constantKernel(context, 'forward', depthwiseArrangement);
  return transposedConvolve(context, op, kernel, channels);
};

function isDense({ strides }: Convolution): boolean {
  return strides[0] === 1 && strides[1] === 1;
}

type Pads = readonly [top: number, left: number, bottom: number, right: number];

/**
 * The kernel's reach minus the padding; negative where the forward pass was padded by more than the reach.
 */
function turnedPads(op: Convolution, [height = 1, width = 1]: readonly number[]): Pads {
  const rows = (height - 1) * op.dilations[0];
  const columns = (width - 1) * op.dilations[1];
  const { top, left, bottom, right } = op.padding;
  return [rows - top, columns - left, rows - bottom, columns - right];
}

function convolveTurned(
  context: Context,
  op: Convolution,
  kernel: Kernel,
  pads: Pads,
  group: number,
): string {
  return context.writer.add('Conv', [context.inputs[0]!, kernel.name, ...biasOf(context)], {
    kernel_shape: kernel.size,
    strides: [1, 1],
    dilations: op.dilations,
    pads,
    group,
  });
}

/**
 * Lays the gradients apart, with zeros between them, and convolves them at stride 1. The runtime's own
 * adjoint leaves blocks and multiplies a matrix for each channel, which takes longer.
 */
function convolveApart(
  context: LoweringContext<'depthwiseConv2dAdjoint'>,
  kernel: Kernel,
  pads: Pads,
  batch: number,
): string {
  const { op, inputShape } = context;
  const [rows = 1, columns = 1, channels = 1] = inputShape(0);
  const size = [(rows - 1) * op.strides[0] + 1, (columns - 1) * op.strides[1] + 1] as const;
  const spread = spreadCells(context, batch, size, op.strides);
  // The pads are the reach of the kernel less the padding. Cells that no window reached are added.
  const { padding } = op;
  const rest = [
    op.height + padding.top + padding.bottom - size[0] - reachOf(op, kernel, 0),
    op.width + padding.left + padding.right - size[1] - reachOf(op, kernel, 1),
  ] as const;
  const whole: Pads = [pads[0], pads[1], pads[2] + rest[0], pads[3] + rest[1]];
  return convolveTurned({ ...context, inputs: [spread] }, op, kernel, whole, channels);
}

function reachOf(op: Convolution, { size }: Kernel, axis: 0 | 1): number {
  return (size[axis] - 1) * op.dilations[axis];
}

/** The runtime's own adjoint. Cells that no window reached become its output padding. */
function transposedConvolve(
  context: Context,
  op: Convolution & OutputSize,
  kernel: Kernel,
  group: number,
): StoredValue {
  const rest = ([0, 1] as const).map((axis) => {
    const size = axis === 0 ? op.height : op.width;
    const { top, left, bottom, right } = op.padding;
    const padding = axis === 0 ? top + bottom : left + right;
    return (size + padding - reachOf(op, kernel, axis) - 1) % op.strides[axis];
  });
  const name = context.writer.add(
    'ConvTranspose',
    [context.inputs[0]!, kernel.name, ...biasOf(context)],
    {
      kernel_shape: kernel.size,
      strides: op.strides,
      dilations: op.dilations,
      pads: toPads(op.padding),
      output_padding: rest,
      group,
    },
  );
  return { name, order: 'channelsFirst', isBlocked: false };
}

/**
 * With a stride of s, the cells of the result fall into s x s phases. Each phase is a convolution at stride
 * 1 of the gradient with every s-th tap of the kernel. One convolution computes all phases as channels,
 * which `DepthToSpace` then lays side by side.
 */
function convolvePhases(context: Context, op: Convolution & OutputSize, stride: number): string {
  const { writer, node } = context;
  const kernel = constantKernel(context, `phases of ${stride}`, (array) =>
    splitPhases(array, stride),
  );
  const [height = 1, width = 1] = node.shape;
  const { top, left } = op.padding;
  const [rows, columns] = upstreamSize(op, kernel.size);
  const taps = kernel.size.map((size) => Math.ceil(size / stride)) as [number, number];
  const steps = [
    Math.floor((top + height - 1) / stride) + 1,
    Math.floor((left + width - 1) / stride) + 1,
  ] as const;
  const phases = writer.add('Conv', [context.inputs[0]!, kernel.name], {
    kernel_shape: taps,
    // Where the image was padded by more than its windows need, the gradient has more cells than the slice
    // takes.
    pads: [taps[0] - 1, taps[1] - 1, Math.max(0, steps[0] - rows), Math.max(0, steps[1] - columns)],
  });
  const spread = writer.add('DepthToSpace', [phases], { blocksize: stride });
  const cut = writer.add('Slice', [
    spread,
    writer.integers([top, left]),
    writer.integers([top + height, left + width]),
    writer.integers([2, 3]),
  ]);
  const [bias] = biasOf(context);
  return bias === undefined
    ? cut
    : writer.add('Add', [
        cut,
        writer.add('Reshape', [bias, writer.integers([node.shape.at(-1)!, 1, 1])]),
      ]);
}

function upstreamSize(
  { height, width, padding, strides, dilations }: Convolution & OutputSize,
  size: readonly [number, number],
): [rows: number, columns: number] {
  const count = (length: number, pad: number, axis: 0 | 1): number =>
    Math.floor((length + pad - (size[axis] - 1) * dilations[axis] - 1) / strides[axis]) + 1;
  return [
    count(height, padding.top + padding.bottom, 0),
    count(width, padding.left + padding.right, 1),
  ];
}

/**
 * [kh, kw, in, out] -> [phases * in, out, taps, taps]. Phase (p, q) has the taps (p + s t, q + s u), turned
 * by 180 degrees; taps beyond the kernel are zero.
 */
function splitPhases(kernel: NdArray, stride: number): NdArray {
  const [height = 1, width = 1, channels = 1, outputs = 1] = kernel.shape;
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const target = [stride * stride * channels, outputs, rows, columns];
  return lazyArray(target, () => {
    const { data } = kernel;
    const phases = new Float32Array(countElements(target));
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const phase = (y % stride) * stride + (x % stride);
        const row = rows - 1 - Math.floor(y / stride);
        const column = columns - 1 - Math.floor(x / stride);
        for (let c = 0; c < channels; c++) {
          for (let o = 0; o < outputs; o++) {
            const to = (((phase * channels + c) * outputs + o) * rows + row) * columns + column;
            phases[to] = data[((y * width + x) * channels + c) * outputs + o]!;
          }
        }
      }
    }
    return phases;
  });
}
