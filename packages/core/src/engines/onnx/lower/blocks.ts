import type { ActivationFunction, Op, OpKind } from '../../../network/op.ts';
import type { GraphWriter } from '../graph-writer.ts';
import type { LoweringContext } from './lowering.ts';

/**
 * ONNX Runtime on a CPU keeps images in blocks of channels from one operator to the next, as long as each
 * operator takes them so: convolutions, pools, sums and products of images of the same size, and a few
 * functions. Every other operator costs a pass over the image to bring it out of this layout, and another one
 * to bring it back.
 */

/**
 * The largest block of channels in the native runtime's image layout: 16 with AVX-512, fewer with AVX2 and
 * NEON. Pools take images in blocks only if their channels are a multiple of the block.
 */
const BLOCK = 16;

/** Convolutions take images in blocks whose channels are a multiple of this. */
const CHANNELS = 4;

/** The name in a graph of the number of items in a batch, where it is not fixed. */
export const BATCH = 'batch';

/** Ops whose result is in blocks, whatever layout their inputs have. */
const entering: ReadonlySet<OpKind> = new Set([
  ...(['conv2d', 'depthwiseConv2d', 'conv2dAdjoint', 'depthwiseConv2dAdjoint'] as const),
]);

/** Ops whose result is in blocks if all their inputs are. */
const keeping: ReadonlySet<OpKind> = new Set([
  ...(['batchNorm', 'batchNormAdjoint', 'add', 'multiply', 'sumTo'] as const),
  ...(['relu', 'reluGradient', 'sigmoid', 'sigmoidGradient'] as const),
]);

/** Functions that keep an image in blocks, and so does their gradient if it is listed too. */
const functions: ReadonlySet<ActivationFunction['name']> = new Set([
  ...(['tanh', 'swish', 'gelu', 'hardSigmoid', 'hardSwish'] as const),
]);
const slopes: ReadonlySet<ActivationFunction['name']> = new Set([
  ...(['swish', 'hardSigmoid', 'hardSwish'] as const),
]);

/** Whether the runtime has the result of an op in blocks. */
export function isInBlocks(
  op: Op,
  shape: readonly number[],
  inputs: readonly { readonly isBlocked?: boolean; readonly shape: readonly number[] }[],
): boolean {
  if (shape.length !== 3 || shape[2]! % CHANNELS !== 0) return false;
  const [, , from = 0] = inputs[0]?.shape ?? [];
  if (entering.has(op.kind)) return from < CHANNELS || from % CHANNELS === 0;
  const keeps =
    keeping.has(op.kind) ||
    (op.kind === 'activation' && functions.has(op.fn.name)) ||
    (op.kind === 'activationGradient' && slopes.has(op.fn.name));
  return keeps && inputs.every(({ isBlocked }) => isBlocked === true);
}

/** Whether pools take an image with this many channels in blocks. */
export function staysInBlocks(
  { blocks, batch }: Pick<LoweringContext, 'blocks' | 'batch'>,
  channels: number,
): boolean {
  return batch !== null && mayPool({ blocks }, channels);
}

/** As {@link staysInBlocks}, where it does not matter whether the batch has a fixed size. */
export function mayPool({ blocks }: Pick<LoweringContext, 'blocks'>, channels: number): boolean {
  return blocks && channels > 0 && channels % BLOCK === 0;
}

/** Brings an image into blocks, by a pool with windows of one cell. */
export function poolCells(writer: GraphWriter, image: string): string {
  return writer.add('MaxPool', [image], { kernel_shape: [1, 1] });
}

/** Brings an image into blocks, if pools take it. */
export function enterBlocks(
  context: Pick<LoweringContext, 'writer' | 'blocks' | 'batch'>,
  image: string,
  channels: number,
): string {
  if (!staysInBlocks(context, channels)) return image;
  return poolCells(context.writer, image);
}

/** Repeats an image of one cell, which is in blocks, to an image of this size in blocks. */
export function spreadInBlocks(
  { writer, batch }: Pick<LoweringContext, 'writer' | 'batch'>,
  cell: string,
  [height = 1, width = 1, channels = 1]: readonly number[],
): string {
  return writer.once(`${cell} spread over ${height} x ${width}`, () => {
    const scales = writer.once(`scales ${height} x ${width}`, () =>
      writer.floats(Float32Array.of(1, 1, height, width), [4]),
    );
    const spread = writer.add('Resize', [cell, '', scales], {
      mode: 'nearest',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    });
    writer.declare(spread, [batch ?? BATCH, channels, height, width]);
    return spread;
  });
}

/** `x * scale + offset` of an image in blocks, as a convolution with windows of one cell. */
export function scaleInBlocks(
  writer: GraphWriter,
  x: string,
  channels: number,
  scale: number,
  offset = 0,
): string {
  const vector = (value: number, shape: readonly number[]): string =>
    writer.once(`${value} x ${shape.join(' x ')}`, () =>
      writer.floats(new Float32Array(channels).fill(value), shape),
    );
  const kernel = vector(scale, [channels, 1, 1, 1]);
  const bias = offset === 0 ? [] : [vector(offset, [channels])];
  return writer.add('Conv', [x, kernel, ...bias], { kernel_shape: [1, 1], group: channels });
}

/** A slope that lifts every activation above 2^-100 beyond 1. */
const STEEP = 2 ** 100;

/** 1 where a value is above zero, else 0, in one pass and within blocks. */
export function openInBlocks(writer: GraphWriter, x: string): string {
  return writer.add('HardSigmoid', [x], { alpha: { float: STEEP }, beta: { float: 0 } });
}

/** The sum over all cells of an image in blocks, as an image of one cell. */
export function sumCellsInBlocks(
  writer: GraphWriter,
  x: string,
  [height = 1, width = 1, channels = 1]: readonly number[],
): string {
  const mean = writer.add('GlobalAveragePool', [x]);
  return scaleInBlocks(writer, mean, channels, height * width);
}
