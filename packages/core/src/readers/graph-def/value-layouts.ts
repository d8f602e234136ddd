import type { DefNode } from './graph-def.ts';

/** Ops that tfjs runs with channels last, whatever the order of their input. */
const spatialOps: ReadonlySet<string> = new Set([
  'AvgPool',
  'Conv2D',
  'Conv2DBackpropInput',
  'DepthwiseConv2dNative',
  'FusedBatchNorm',
  'FusedBatchNormV2',
  'FusedBatchNormV3',
  'FusedDepthwiseConv2dNative',
  'MaxPool',
  'ResizeBilinear',
  'ResizeNearestNeighbor',
  '_FusedConv2D',
]);

const toLast = [0, 2, 3, 1].join();
const toFirst = [0, 3, 1, 2].join();

/** The permutation in the constant of that name; null where it is not a constant. */
export type ReadPermutation = (name: string) => readonly number[] | null;

/**
 * Finds the values that are images with channels first. Graphs that came from PyTorch or ONNX transpose
 * images before and after each convolution. A value between two transpositions has three axes, but is not a
 * map [height, width, channels].
 *
 * @param sorted nodes, each after its inputs.
 * @param start the inputs that expect their picture with channels first.
 */
export function findChannelsFirst(
  sorted: readonly DefNode[],
  start: readonly string[],
  readPermutation: ReadPermutation,
): ReadonlySet<string> {
  const first = new Set(start);
  for (const { name, op, inputs } of sorted) {
    if (first.has(name) || spatialOps.has(op)) continue;
    if (op !== 'Transpose') {
      if (op !== 'Reshape' && inputs.some((input) => first.has(input))) first.add(name);
      continue;
    }
    const order = readPermutation(inputs[1] ?? '')?.join();
    const isFirst = first.has(inputs[0]!);
    if (isFirst ? order !== toLast : order === toFirst) first.add(name);
  }
  return first;
}
