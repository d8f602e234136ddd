import type { ActivationFunction } from '../../../network/op.ts';
import type { GraphWriter } from '../graph-writer.ts';
import { openInBlocks, scaleInBlocks } from './blocks.ts';
import { createExpressions } from './expressions.ts';

/**
 * The slope of a function at an image that is in blocks, written with the few operators that keep it there.
 * Null for functions whose slope needs others.
 *
 * The runtime computes a sum in the same pass as the convolution before it, and finds that some of these
 * values are those of the forward pass.
 */
export function slopeInBlocks(
  writer: GraphWriter,
  x: string,
  fn: ActivationFunction,
  channels: number,
): string | null {
  const { add, mul, apply } = createExpressions(writer);
  const scale = (value: string, factor: number, offset = 0): string =>
    scaleInBlocks(writer, value, channels, factor, offset);
  const hardSigmoid = (slope: number): string =>
    apply('HardSigmoid', x, { alpha: { float: slope }, beta: { float: 0.5 } });
  /** 1 where a hard sigmoid is between 0 and 1, which is where its square is smaller, else 0. */
  const isBent = (h: string): string => openInBlocks(writer, add(scale(mul(h, h), -1), h));
  if (fn.name === 'swish') {
    // s + x s (1 - s) = s (1 + x - y). Where y is nearly x, the difference is off by a rounding of x.
    const s = apply('Sigmoid', x);
    return mul(s, add(scale(mul(x, s), -1, 1), x));
  }
  if (fn.name === 'hardSigmoid') return scale(isBent(hardSigmoid(fn.slope)), fn.slope);
  if (fn.name === 'hardSwish') {
    const h = hardSigmoid(fn.slope);
    return add(scale(mul(x, isBent(h)), fn.slope), h);
  }
  return null;
}
