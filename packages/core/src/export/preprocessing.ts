import type { ChannelOrder, InputDescription } from '../artifact/artifact.ts';
import { lumaWeights } from '../image/prepare-input.ts';
import type { GraphWriter } from '../engines/onnx/graph-writer.ts';
import type { Arithmetic } from './arithmetic.ts';

/**
 * Turns RGB pixels of 0..255, [batch, height, width, 3], into the model's input: `(pixel * scale - mean) /
 * std` in the model's channel order. For a gray model the only channel is the luma.
 */
export function writePreprocessing(
  writer: GraphWriter,
  arithmetic: Arithmetic,
  pixels: string,
  { channelOrder, scale, mean, std }: InputDescription,
): string {
  const ordered =
    channelOrder === 'gray' ? toLuma(writer, pixels) : inOrder(writer, pixels, channelOrder);
  let x = arithmetic.load(ordered);
  if (scale !== 1) x = arithmetic.mul(x, scale);
  if (mean.some((value) => value !== 0))
    x = arithmetic.sub(x, arithmetic.constant(mean, [mean.length]));
  if (std.some((value) => value !== 1))
    x = arithmetic.div(x, arithmetic.constant(std, [std.length]));
  return arithmetic.store(x);
}

function toLuma(writer: GraphWriter, pixels: string): string {
  return writer.add('MatMul', [pixels, writer.floats(Float32Array.from(lumaWeights), [3, 1])]);
}

/**
 * Brings channels, the last axis, from RGB to the model's order, or back. A single channel stays as it is.
 */
export function inOrder(writer: GraphWriter, value: string, order: ChannelOrder): string {
  if (order !== 'bgr') return value;
  return writer.add('Gather', [value, writer.integers([2, 1, 0])], { axis: -1 });
}
