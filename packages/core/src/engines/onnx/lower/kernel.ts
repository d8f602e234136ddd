import { lazyArray, reshaped, type NdArray } from '../../../base/nd-array.ts';
import { transposeArray } from './layout.ts';
import type { LoweringContext } from './lowering.ts';

/** A kernel as a constant of the graph, and the size of its window. */
export interface Kernel {
  readonly name: string;
  readonly size: readonly [height: number, width: number];
}

type Context = Pick<LoweringContext, 'writer' | 'weight' | 'hasWeight' | 'kernelScale'>;

/**
 * The node's kernel as a constant, with its axes rearranged. It is made once for each form and scale.
 *
 * @param form the name of the arrangement.
 */
export function constantKernel(
  { writer, weight, kernelScale }: Context,
  form: string,
  arrange: (array: NdArray) => NdArray,
): Kernel {
  const { name, array } = weight('kernel');
  const [height = 1, width = 1] = array.shape;
  const key = kernelScale === null ? `${form} ${name}` : `${form} ${name} by ${kernelScale.name}`;
  const constant = writer.once(key, () =>
    writer.weights(arrange(kernelScale === null ? array : scaleOutputs(array, kernelScale.values))),
  );
  return { name: constant, size: [height, width] };
}

/** The bias as a list of one input, or an empty list where the node has no bias. */
export function biasOf({ writer, weight, hasWeight }: Context): string[] {
  if (!hasWeight('bias')) return [];
  const { name, array } = weight('bias');
  return [writer.once(name, () => writer.weights(array))];
}

/** [kh, kw, channels, multiplier] -> [channels * multiplier, 1, kh, kw] */
export function depthwiseArrangement(array: NdArray): NdArray {
  const moved = transposeArray(array, [2, 3, 0, 1]);
  const [channels = 1, multiplier = 1, height = 1, width = 1] = moved.shape;
  return reshaped(moved, [channels * multiplier, 1, height, width]);
}

/** Multiplies each output channel, the last axis, with its factor. */
function scaleOutputs(array: NdArray, factors: () => Float32Array): NdArray {
  return lazyArray(array.shape, () => {
    const scale = factors();
    const scaled = Float32Array.from(array.data);
    const channels = scale.length;
    for (let row = 0; row < scaled.length; row += channels) {
      for (let c = 0; c < channels; c++) scaled[row + c]! *= scale[c]!;
    }
    return scaled;
  });
}
