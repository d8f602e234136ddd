import { biasOf, constantKernel, depthwiseArrangement, type Kernel } from './kernel.ts';
import { transposeArray } from './layout.ts';
import { toPads, type Lowering, type LoweringContext } from './lowering.ts';
import type { Convolution } from '../../../network/op.ts';

export const lowerConv2d: Lowering<'conv2d'> = (context) => {
  const { op } = context;
  // [kh, kw, in / groups, out] -> [out, in / groups, kh, kw]
  const kernel = constantKernel(context, 'forward', (array) => transposeArray(array, [3, 2, 0, 1]));
  return convolve(context, op, kernel, op.groups);
};

export const lowerDepthwiseConv2d: Lowering<'depthwiseConv2d'> = (context) => {
  const [, , channels = 1] = context.weight('kernel').array.shape;
  const kernel = constantKernel(context, 'forward', depthwiseArrangement);
  return convolve(context, context.op, kernel, channels);
};

function convolve(
  context: Pick<LoweringContext, 'writer' | 'weight' | 'hasWeight' | 'inputs' | 'kernelScale'>,
  op: Convolution,
  kernel: Kernel,
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
