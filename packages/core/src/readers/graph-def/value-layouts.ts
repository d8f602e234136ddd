import type { DefNode } from './graph-def.ts';

/** Ops that have their own order of axes, whatever goes in: tfjs runs them with channels last. */
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

/** The permutation that the constant of that name holds; null where it is no constant. */
export type ReadPermutation = (name: string) => readonly number[] | null;

/**
 * Which values are images with channels first. Graphs that came from PyTorch or ONNX turn images about around
 * each convolution: what lies between two turns is no map [height, width, channels], though it has three
 * axes.
 *
 * @param sorted nodes, each after its inputs.
 * @param start the inputs that take their picture with channels first.
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
