import { countElements } from '../../../base/nd-array.ts';
import { countWindowSteps } from '../../../network/padding.ts';
import { asFloat32, type Constant } from '../../graph/constant.ts';
import { vectorWeight } from '../../graph/lines.ts';
import type { Value } from '../../graph/value.ts';
import {
  constantAt,
  contradictory,
  integersAt,
  type DefCall,
  type TranslateDef,
} from '../def-call.ts';
import { activateFused } from './activations.ts';
import {
  checkSteps,
  imageAt,
  imageValue,
  paddingOf,
  sidesOf,
  type MovingWindow,
} from './images.ts';

/** Checks weights [height, width, in, out]; those of a depthwise convolution end in [in, multiplier]. */
function kernelOf(call: DefCall): Constant {
  const kernel = constantAt(call, 1, 'weights');
  if (kernel.shape.length === 4 && countElements(kernel.shape) > 0) return kernel;
  throw contradictory(call, `its weights have shape [${kernel.shape.join(', ')}]`);
}

function windowOf(call: DefCall, { shape }: Constant): MovingWindow {
  return {
    size: [shape[0]!, shape[1]!],
    strides: sidesOf(call, 'strides'),
    dilations: sidesOf(call, 'dilations'),
  };
}

const convolve =
  (isDepthwise: boolean): TranslateDef =>
  (call) => {
    const image = imageAt(call, 0);
    const kernel = kernelOf(call);
    const [, , inputs, last] = kernel.shape as [number, number, number, number];
    if (inputs !== image.channels) {
      throw contradictory(call, `its weights are for ${inputs} channels, not ${image.channels}`);
    }
    const window = windowOf(call, kernel);
    const padding = paddingOf(call, [image.height, image.width], window);
    const steps = countWindowSteps([image.height, image.width], window, padding);
    checkSteps(call, steps, image, window);
    const out = isDepthwise ? inputs * last : last;
    const weights = { kernel: kernelWeight(call, kernel), ...biasOf(call, out) };
    const { strides, dilations } = window;
    const op = isDepthwise
      ? ({ kind: 'depthwiseConv2d', strides, dilations, padding } as const)
      : ({ kind: 'conv2d', groups: 1, strides, dilations, padding } as const);
    const node = call.builder.emit(op, [image.node], [...steps, out], { weights });
    return [afterBias(call, node)];
  };

function kernelWeight({ builder }: DefCall, kernel: Constant): string {
  return builder.weight(kernel.name, kernel.shape, () => asFloat32(kernel.values()));
}

/** The bias that a fused op adds before its other steps. */
export function biasOf(call: DefCall, out: number): { bias?: string } {
  if (call.fused[0] !== 'BiasAdd') return {};
  const bias = constantAt(call, 2, 'bias');
  if (countElements(bias.shape) !== out) {
    throw contradictory(call, `its bias has shape [${bias.shape.join(', ')}], expected [${out}]`);
  }
  return { bias: vectorWeight(call.builder, bias) };
}

function afterBias(call: DefCall, node: string): Value {
  const fused = call.fused[0] === 'BiasAdd' ? call.fused.slice(1) : call.fused;
  return activateFused(call, imageValue(call, node), fused);
}

/** The adjoint of a convolution, of the output's shape, weights [height, width, out, in] and the image. */
const convolveBack: TranslateDef = (call) => {
  const image = imageAt(call, 2);
  const kernel = kernelOf(call);
  const [, , out, inputs] = kernel.shape as [number, number, number, number];
  const sizes = integersAt(call, 0, 'output shape');
  const isFirst = call.attributes.text('data_format', 'NHWC') === 'NCHW';
  const [height, width] = (sizes.length === 2 ? sizes : sizes.slice(isFirst ? 2 : 1)) as [
    number,
    number,
  ];
  const window = windowOf(call, kernel);
  const padding = paddingOf(call, [height, width], window);
  const steps = countWindowSteps([height, width], window, padding);
  const fits = steps[0] === image.height && steps[1] === image.width && inputs === image.channels;
  if (!fits) {
    throw contradictory(
      call,
      `weights [${kernel.shape.join(', ')}] do not make ${height}x${width} of the image ${image.height}x${image.width}x${image.channels}`,
    );
  }
  const { strides, dilations } = window;
  const op = {
    ...({ kind: 'conv2dAdjoint', groups: 1 } as const),
    ...{ strides, dilations, padding, height, width },
  };
  const weights = { kernel: kernelWeight(call, kernel) };
  const node = call.builder.emit(op, [image.node], [height, width, out], { weights });
  return [imageValue(call, node)];
};

export const convolutionOps: Readonly<Record<string, TranslateDef>> = {
  Conv2D: convolve(false),
  _FusedConv2D: convolve(false),
  DepthwiseConv2d: convolve(true),
  DepthwiseConv2dNative: convolve(true),
  FusedDepthwiseConv2dNative: convolve(true),
  Conv2DBackpropInput: convolveBack,
};
