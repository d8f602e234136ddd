import { openInBlocks, scaleInBlocks, staysInBlocks } from './blocks.ts';
import { createExpressions } from './expressions.ts';
import type { Lowering } from './lowering.ts';

/**
 * Values are selected and not multiplied with a mask, because zero times an infinite gradient would be NaN.
 *
 * At the kinks this follows TensorFlow's kernels. At its cap, ReLU6 blocks the gradient, while any other
 * cap lets it pass. At zero, a leaky ReLU passes its slope, unless it also has a cap.
 *
 * Comparing and selecting would take an image out of blocks and back, which costs more than the convolutions
 * around it. There the mask is a product: y is open where it is above zero, and below 6 where y - y^2 / 6 is.
 */
export const lowerReluGradient: Lowering<'reluGradient'> = (context) => {
  const { writer, op, inputs, node } = context;
  const e = createExpressions(writer);
  const [upstream, x] = inputs as [string, string];
  const { policy, max, slope } = op;
  if (policy === 'deconvnet') return writer.add('Relu', [upstream]);
  const received = policy === 'guided' ? writer.add('Relu', [upstream]) : upstream;
  const channels = node.shape[2] ?? 0;
  const isBlocked = [0, 1].every((index) => context.stored(index).isBlocked === true);
  const mayBlock = context.order === 'channelsFirst' && staysInBlocks(context, channels);
  if ((isBlocked || mayBlock) && slope === 0 && (max === null || max === 6)) {
    const mask = writer.once(`open ${x} below ${max}`, () => {
      if (max === null) return openInBlocks(writer, x);
      const bent = scaleInBlocks(writer, writer.add('Mul', [x, x]), channels, -1 / max);
      return openInBlocks(writer, writer.add('Add', [bent, x]));
    });
    return writer.add('Mul', [received, mask]);
  }
  const capped =
    max === null ? received : e.choose(max === 6 ? 'Less' : 'LessOrEqual', x, max, received, 0);
  if (slope === 0) return e.choose('Greater', x, 0, capped, 0);
  const below = e.mul(received, slope);
  const notAbove = max === null ? below : e.choose('Less', x, 0, below, 0);
  return e.choose('Greater', x, 0, capped, notAbove);
};
