import type { InputDescription } from '../../artifact/artifact.ts';
import type { GraphWriter } from '../graph-writer.ts';
import type { Arithmetic } from './arithmetic.ts';

/**
 * From RGB pixels 0..255 [batch, height, width, 3] to the model's input, same shape:
 * `(pixel * scale - mean) / std` in the model's channel order.
 */
export function writePreprocessing(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  pixels: string,
  { channelOrder, scale, mean, std }: InputDescription,
): string {
  const ordered = inOrder(writer, pixels, channelOrder);
  let x = arithmetic.load(ordered);
  if (scale !== 1) x = arithmetic.mul(x, scale);
  if (mean.some((value) => value !== 0)) x = arithmetic.sub(x, arithmetic.constant(mean, [3]));
  if (std.some((value) => value !== 1)) x = arithmetic.div(x, arithmetic.constant(std, [3]));
  return arithmetic.store(x);
}

/** Channels, on the last axis, from RGB to the model's order or back: the same exchange. */
export function inOrder(writer: GraphWriter, value: string, order: 'rgb' | 'bgr'): string {
  if (order === 'rgb') return value;
  return writer.add('Gather', [value, writer.integers([2, 1, 0])], { axis: -1 });
}
