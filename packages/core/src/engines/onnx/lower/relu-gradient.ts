import { staysInBlocks } from './blocks.ts';
import { createExpressions } from './expressions.ts';
import { scalar, type Lowering, type LoweringContext } from './lowering.ts';

/** A slope that lifts every activation above 2^-100 beyond 1. */
const STEEP = 2 ** 100;

/**
 * Values are selected and not multiplied with a mask, because zero times an infinite gradient would be NaN.
 *
 * At the kinks this follows TensorFlow's kernels. At its cap, ReLU6 blocks the gradient, while any other
 * cap lets it pass. At zero, a leaky ReLU passes its slope, unless it also has a cap.
 */
export const lowerReluGradient: Lowering<'reluGradient'> = (context) => {
  const { writer, op, inputs, node } = context;
  const e = createExpressions(writer);
  const [upstream, x] = inputs as [string, string];
  const { policy, max, slope } = op;
  if (policy === 'deconvnet') return writer.add('Relu', [upstream]);
  const received = policy === 'guided' ? writer.add('Relu', [upstream]) : upstream;
  const [, , channels = 0] = node.shape;
  if (
    context.order === 'channelsFirst' &&
    staysInBlocks(context, channels) &&
    slope === 0 &&
    max === null
  ) {
    return writer.add('Mul', [received, openMask(context, x, channels)]);
  }
  const capped =
    max === null ? received : e.choose(max === 6 ? 'Less' : 'LessOrEqual', x, max, received, 0);
  if (slope === 0) return e.choose('Greater', x, 0, capped, 0);
  const below = e.mul(received, slope);
  const notAbove = max === null ? below : e.choose('Less', x, 0, below, 0);
  return e.choose('Greater', x, 0, capped, notAbove);
};

/**
 * 1 where the ReLU's output is above zero, else 0, as a 1 x 1 convolution whose result is clipped.
 * Comparing and selecting would take the image out of the blocked layout of the convolutions around it and
 * back, which costs more than the convolutions themselves.
 */
function openMask(
  { writer }: Pick<LoweringContext, 'writer'>,
  output: string,
  channels: number,
): string {
  return writer.once(`open ${output}`, () => {
    const steep = writer.once(`steep ${channels}`, () =>
      writer.floats(new Float32Array(channels).fill(STEEP), [channels, 1, 1, 1]),
    );
    const slopes = writer.add('Conv', [output, steep], { kernel_shape: [1, 1], group: channels });
    return writer.add('Clip', [slopes, scalar(writer, 0), scalar(writer, 1)]);
  });
}
