import type { InputSpec } from '@gradcam/converter';
import type { ModelOverrides } from '@gradcam/core';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** `x = (pixel(0..255) * scale - mean) / std` for the ranges of `--input-range`. */
const RANGES = {
  '0..255': { scale: 1, mean: 0 },
  '0..1': { scale: 1 / 255, mean: 0 },
  '-1..1': { scale: 2 / 255, mean: 1 },
} as const;

/** What the flags state about the pixels of a model of PyTorch; `undefined` if they state nothing. */
export function describePixels({
  inputRange,
  mean,
  std,
  channelOrder,
}: ModelOverrides): Partial<InputSpec> | undefined {
  const range = inputRange === undefined ? undefined : RANGES[inputRange];
  const stated = {
    ...(range && { scale: range.scale, mean: Array(3).fill(range.mean), std: [1, 1, 1] }),
    ...(mean && { mean }),
    ...(std && { std }),
    ...(channelOrder && { channelOrder }),
  };
  return Object.keys(stated).length === 0 ? undefined : stated;
}

/**
 * The side of the pictures that `--input-size` states.
 *
 * @throws CommandError 64 for a height and a width that differ
 */
export function squareOf({ inputSize }: ModelOverrides, source: string): number | undefined {
  const [height, width] = inputSize ?? [];
  if (height === width) return height;
  throw new CommandError(
    exitCodes.usage,
    `--input-size: ${source} becomes a net for square pictures; got ${height}x${width}`,
  );
}
