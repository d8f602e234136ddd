import type { NdArray } from '../../array/nd-array.ts';
import type { Convolution, OutputSize } from '../../network/op.ts';
import { transposeArray, turnKernel } from './layout.ts';
import { toPads, type Lowering, type LoweringContext } from './lowering.ts';

type Context = Pick<LoweringContext, 'writer' | 'weight' | 'hasWeight' | 'inputs'>;

export const lowerConv2d: Lowering<'conv2d'> = (context) => {
  const { op } = context;
  // [kh, kw, in / groups, out] -> [out, in / groups, kh, kw]
  const kernel = constantKernel(context, 'forward', (array) => transposeArray(array, [3, 2, 0, 1]));
  return convolve(context, op, kernel, op.groups);
};

export const lowerDepthwiseConv2d: Lowering<'depthwiseConv2d'> = (context) => {
  const [, , channels = 1] = context.weight('kernel').array.shape;
  return convolve(context, context.op, depthwiseKernel(context), channels);
};

export const lowerConv2dAdjoint: Lowering<'conv2dAdjoint'> = (context) => {
  const { op } = context;
  if (isDense(op) && op.groups === 1) {
    // At stride 1 the adjoint is a convolution with the turned kernel and exchanged channels.
    const kernel = constantKernel(context, 'turned', (array) =>
      transposeArray(turnKernel(array), [2, 3, 0, 1]),
    );
    return convolveTurned(context, op, kernel, 1);
  }
  const kernel = constantKernel(context, 'forward', (array) => transposeArray(array, [3, 2, 0, 1]));
  return transposedConvolve(context, op, kernel, op.groups);
};

export const lowerDepthwiseConv2dAdjoint: Lowering<'depthwiseConv2dAdjoint'> = (context) => {
  const { op } = context;
  const [, , channels = 1, multiplier = 1] = context.weight('kernel').array.shape;
  if (isDense(op) && multiplier === 1) {
    const kernel = constantKernel(context, 'turned', (array) =>
      transposeArray(turnKernel(array), [2, 3, 0, 1]),
    );
    return convolveTurned(context, op, kernel, channels);
  }
  return transposedConvolve(context, op, depthwiseKernel(context), channels);
};

function isDense({ strides }: Convolution): boolean {
  return strides[0] === 1 && strides[1] === 1;
}

/** [kh, kw, channels, multiplier] -> [channels * multiplier, 1, kh, kw] */
function depthwiseKernel(context: Context): { name: string; size: [number, number] } {
  return constantKernel(context, 'forward', (array) => {
    const moved = transposeArray(array, [2, 3, 0, 1]);
    const [channels = 1, multiplier = 1, height = 1, width = 1] = moved.shape;
    return { shape: [channels * multiplier, 1, height, width], data: moved.data };
  });
}

function constantKernel(
  { writer, weight }: Context,
  form: 'forward' | 'turned',
  arrange: (array: NdArray) => NdArray,
): { name: string; size: [number, number] } {
  const { name, array } = weight('kernel');
  const [height = 1, width = 1] = array.shape;
  const constant = writer.once(`${form} ${name}`, () => {
    const arranged = arrange(array);
    return writer.floats(arranged.data, arranged.shape);
  });
  return { name: constant, size: [height, width] };
}

function convolve(
  context: Context,
  op: Convolution,
  kernel: { name: string; size: [number, number] },
  group: number,
): string {
  return context.writer.add('Conv', [context.inputs[0]!, kernel.name, ...biasOf(context)], {
    kernel_shape: kernel.size,
    strides: op.strides,
    dilations: op.dilations,
    pads: toPads(op.padding),
    group,
  });
}

/** The bias as a last input, where there is one. */
function biasOf({ writer, weight, hasWeight }: Context): string[] {
  if (!hasWeight('bias')) return [];
  const { name, array } = weight('bias');
  return [writer.once(name, () => writer.floats(array.data, array.shape))];
}

function convolveTurned(
  context: Context,
  op: Convolution,
  kernel: { name: string; size: [number, number] },
  group: number,
): string {
  const { writer, inputs } = context;
  const reach = [
    (kernel.size[0] - 1) * op.dilations[0],
    (kernel.size[1] - 1) * op.dilations[1],
  ] as const;
  const { top, left, bottom, right } = op.padding;
  return writer.add('Conv', [inputs[0]!, kernel.name, ...biasOf(context)], {
    kernel_shape: kernel.size,
    strides: [1, 1],
    dilations: op.dilations,
    pads: [reach[0] - top, reach[1] - left, reach[0] - bottom, reach[1] - right],
    group,
  });
}

/** The runtime's own adjoint; cells that no window reached are its output padding. */
function transposedConvolve(
  context: Context,
  op: Convolution & OutputSize,
  kernel: { name: string; size: [number, number] },
  group: number,
): string {
  const { writer, inputs } = context;
  const rest = ([0, 1] as const).map((axis) => {
    const size = axis === 0 ? op.height : op.width;
    const { top, left, bottom, right } = op.padding;
    const padding = axis === 0 ? top + bottom : left + right;
    const reach = (kernel.size[axis] - 1) * op.dilations[axis];
    return (size + padding - reach - 1) % op.strides[axis];
  });
  return writer.add('ConvTranspose', [inputs[0]!, kernel.name, ...biasOf(context)], {
    kernel_shape: kernel.size,
    strides: op.strides,
    dilations: op.dilations,
    pads: toPads(op.padding),
    output_padding: rest,
    group,
  });
}
