import { noPadding } from '../../../network/op.ts';
import { countWindowSteps, resolvePadding } from '../../../network/padding.ts';
import { emitWithActivation } from './activation.ts';
import { imageInput, type LayerCall, type Value } from './layer-reader.ts';

/** `Conv2D`: kernel [kh, kw, in / groups, filters]. */
export function readConv2d(call: LayerCall): Value {
  const { input, channels } = imageInput(call);
  const filters = call.attributes.number('filters');
  const groups = call.attributes.number('groups', 1);
  if (
    !Number.isInteger(groups) ||
    groups < 1 ||
    channels % groups !== 0 ||
    filters % groups !== 0
  ) {
    call.attributes.refuse('groups', `a divisor of ${channels} channels and ${filters} filters`);
  }
  const window = readWindow(call);
  const weights = readWeights(call, 'kernel', filters, [
    ...window.size,
    channels / groups,
    filters,
  ]);
  const { convolution, height, width } = placeWindow(call, window);
  const op = { kind: 'conv2d' as const, groups, ...convolution };
  return emitWithActivation(call, op, [input], [height, width, filters], weights);
}

/**
 * `DepthwiseConv2D`: kernel [kh, kw, in, multiplier]. The output of channel c and multiplier index m is
 * channel c * multiplier + m.
 */
export function readDepthwiseConv2d(call: LayerCall): Value {
  const { input, channels } = imageInput(call);
  const multiplier = call.attributes.number('depth_multiplier', 1);
  // Keras 2.4 to 2.15 write this attribute of the base class. Values other than 1 have no meaning here.
  if (call.attributes.number('groups', 1) !== 1) call.attributes.refuse('groups', '1');
  const filters = channels * multiplier;
  const window = readWindow(call);
  refuseTfjsDilation(call, window);
  // Keras 3 names this weight like that of the other convolutions.
  const suffix = call.hasWeight('depthwise_kernel') ? 'depthwise_kernel' : 'kernel';
  const weights = readWeights(call, suffix, filters, [...window.size, channels, multiplier]);
  const { convolution, height, width } = placeWindow(call, window);
  const op = { kind: 'depthwiseConv2d' as const, ...convolution };
  return emitWithActivation(call, op, [input], [height, width, filters], weights);
}

/** `SeparableConv2D`: a depthwise convolution, followed by a 1 x 1 convolution that mixes the channels. */
export function readSeparableConv2d(call: LayerCall): Value {
  const { input, channels } = imageInput(call);
  const filters = call.attributes.number('filters');
  const multiplier = call.attributes.number('depth_multiplier', 1);
  if (call.attributes.number('groups', 1) !== 1) call.attributes.refuse('groups', '1');
  const middle = channels * multiplier;
  const window = readWindow(call);
  const depthwise = call.weight('depthwise_kernel', [...window.size, channels, multiplier]);
  const weights = readWeights(call, 'pointwise_kernel', filters, [1, 1, middle, filters]);
  const { convolution, height, width } = placeWindow(call, window);
  const spread = call.emit(
    { kind: 'depthwiseConv2d', ...convolution },
    [input],
    [height, width, middle],
    { part: 'depthwise', weights: { kernel: depthwise } },
  );
  const pointwise = {
    kind: 'conv2d',
    groups: 1,
    strides: [1, 1],
    dilations: [1, 1],
    padding: noPadding,
  } as const;
  return emitWithActivation(call, pointwise, [spread], [height, width, filters], weights);
}

/**
 * `Conv2DTranspose`: the adjoint of the convolution that maps an image of the output's size to one of the
 * input's size. The kernel is [kh, kw, filters, in].
 */
export function readConv2dTranspose(call: LayerCall): Value {
  const { input, height, width, channels } = imageInput(call);
  const filters = call.attributes.number('filters');
  if (call.attributes.number('groups', 1) !== 1) call.attributes.refuse('groups', '1');
  const window = readWindow(call);
  refuseTfjsDilation(call, window);
  const weights = readWeights(call, 'kernel', filters, [...window.size, filters, channels]);
  const mode = readPaddingMode(call);
  const extra = readOutputPadding(call);
  const enlarge = (cells: number, axis: 0 | 1): number => {
    const stride = window.strides[axis];
    const extent = (window.size[axis] - 1) * window.dilations[axis] + 1;
    if (mode === 'valid')
      return (cells - 1) * stride + Math.max(extent, stride) + (extra?.[axis] ?? 0);
    return extra === null ? cells * stride : (cells - 1) * stride + (extent % 2) + extra[axis];
  };
  const size = [enlarge(height, 0), enlarge(width, 1)] as const;
  const padding = resolvePadding(mode, size, window);
  if (countWindowSteps(size, window, padding).join() !== [height, width].join()) {
    call.attributes.refuse('output_padding', 'a size from which the window makes the input');
  }
  const { strides, dilations } = window;
  const op = {
    kind: 'conv2dAdjoint',
    groups: 1,
    strides,
    dilations,
    padding,
    height: size[0],
    width: size[1],
  } as const;
  return emitWithActivation(call, op, [input], [...size, filters], weights);
}

/**
 * Refuses a dilation in models that tfjs wrote: tfjs ignores the dilation of these layers, so the model
 * does not compute what its JSON says.
 */
function refuseTfjsDilation(call: LayerCall, { dilations }: ReturnType<typeof readWindow>): void {
  if (call.writer !== 'tfjs' || dilations.join() === '1,1') return;
  call.attributes.refuse('dilation_rate', '1: tfjs-layers itself leaves it out of this layer');
}

/** One or two numbers from 0 on; null if Keras takes the size that follows from the stride. */
function readOutputPadding({ attributes }: LayerCall): readonly [number, number] | null {
  const given = attributes.raw('output_padding');
  if (given === undefined) return null;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given, given];
  const isEach = list.every((one) => Number.isInteger(one) && (one as number) >= 0);
  if (list.length === 2 && isEach) return list as readonly unknown[] as [number, number];
  return attributes.refuse('output_padding', 'one or two integers from 0 on');
}

function readWindow(call: LayerCall) {
  return {
    size: call.attributes.pair('kernel_size'),
    strides: call.attributes.pair('strides', [1, 1]),
    dilations: call.attributes.pair('dilation_rate', [1, 1]),
  };
}

function readWeights(
  call: LayerCall,
  suffix: string,
  filters: number,
  shape: readonly number[],
): Record<string, string> {
  const kernel = call.weight(suffix, shape);
  if (!call.attributes.flag('use_bias', true)) return { kernel };
  return { kernel, bias: call.weight('bias', [filters]) };
}

function placeWindow(call: LayerCall, window: ReturnType<typeof readWindow>) {
  const image = imageInput(call);
  const size = [image.height, image.width] as const;
  const padding = resolvePadding(readPaddingMode(call), size, window);
  const [height, width] = countWindowSteps(size, window, padding);
  if (height < 1 || width < 1) {
    call.attributes.refuse('kernel_size', `at most the image's ${size.join('x')}`);
  }
  const { strides, dilations } = window;
  return { convolution: { strides, dilations, padding }, height, width };
}

/** `same` or `valid`, in upper or lower case. */
export function readPaddingMode(call: LayerCall): 'same' | 'valid' {
  const mode = call.attributes.text('padding', 'valid').toLowerCase();
  return mode === 'same' || mode === 'valid'
    ? mode
    : call.attributes.refuse('padding', "'same' or 'valid'");
}
