import { countElements } from '../../../base/nd-array.ts';
import type { Padding } from '../../../network/op.ts';
import { countWindowSteps } from '../../../network/padding.ts';
import { asFloat32, type Constant } from '../../graph/constant.ts';
import { vectorWeight } from '../../graph/lines.ts';
import {
  constantAt,
  contradictory,
  imageAt,
  imageValue,
  requireConstant,
  unsupported,
  valueAt,
  type Image,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';
import { readWindow, type WindowAttributes } from '../windows.ts';

/** `Conv` over images and series, with weights [out, in / groups, height, width]. */
export const translateConv: Translate = (call) => {
  const rank = valueAt(call, 0).shape.length;
  const image = imageAt(call, 0);
  const { shape, size, kernel } = readKernel(call, rank);
  const groups = call.attributes.integer('group', 1);
  const [out, each] = shape as [number, number];
  if (each * groups !== image.channels || out % groups !== 0) {
    throw contradictory(
      call,
      `its weights [${kernel.shape.join(', ')}] in ${groups} groups do not fit ${image.channels} channels`,
    );
  }
  const window = readWindow(call, image, rank, size);
  const target = stepsOf(call, [image.height, image.width], window);
  const bias = biasOf(call, out);
  const { strides, dilations, padding } = window;
  const isDepthwise = groups > 1 && groups === image.channels;
  const { builder } = call;
  const read = (): Float32Array => asFloat32(kernel.values());
  const weights = {
    kernel: isDepthwise
      ? builder.turnedWeight(`${kernel.name} (depthwise)`, {
          ...{ shape: [groups, out / groups, ...size], order: [2, 3, 0, 1], read },
        })
      : builder.turnedWeight(`${kernel.name} (kernel)`, { shape, order: [2, 3, 1, 0], read }),
    ...bias,
  };
  const op = isDepthwise
    ? ({ kind: 'depthwiseConv2d', strides, dilations, padding } as const)
    : ({ kind: 'conv2d', groups, strides, dilations, padding } as const);
  const node = builder.emit(op, [image.node], [...target, out], { weights });
  return [imageValue(call, node, rank, image.batch)];
};

/** `ConvTranspose`, the adjoint of a convolution, with weights [in, out / groups, height, width]. */
export const translateConvTranspose: Translate = (call) => {
  const rank = valueAt(call, 0).shape.length;
  const image = imageAt(call, 0);
  const { shape, size, kernel } = readKernel(call, rank);
  const groups = call.attributes.integer('group', 1);
  const extra = call.attributes.integers('output_padding') ?? [];
  const extras = rank === 3 ? [0, extra[0] ?? 0] : [extra[0] ?? 0, extra[1] ?? 0];
  const stated = readWindow(call, image, rank, size);
  const window = { ...stated, padding: paddingBack(call, stated, image, extras) };
  const [inputs, each] = shape as [number, number];
  if (inputs !== image.channels) {
    throw contradictory(call, `its weights are for ${inputs} channels, not ${image.channels}`);
  }
  const out = each * groups;
  const { strides, dilations, padding } = window;
  const along = (axis: 0 | 1, cells: number): number =>
    ([image.height, image.width][axis]! - 1) * strides[axis] +
    (size[axis] - 1) * dilations[axis] +
    1 +
    extras[axis]! -
    cells;
  const height = along(0, padding.top + padding.bottom);
  const width = along(1, padding.left + padding.right);
  const { builder } = call;
  const weights = {
    kernel: builder.turnedWeight(`${kernel.name} (transposed)`, {
      ...{ shape, order: [2, 3, 1, 0], read: () => asFloat32(kernel.values()) },
    }),
    ...biasOf(call, out),
  };
  const op = { kind: 'conv2dAdjoint', groups, strides, dilations, padding, height, width } as const;
  const node = builder.emit(op, [image.node], [height, width, out], { weights });
  return [imageValue(call, node, rank, image.batch)];
};

/** The padding as stated. `SAME` makes each side as many times larger as its stride. */
function paddingBack(
  call: OnnxCall,
  { size, strides, dilations, padding }: WindowAttributes,
  { height, width }: Image,
  extras: readonly number[],
): Padding {
  const mode = call.attributes.text('auto_pad', 'NOTSET');
  const wanted = call.attributes.integers('output_shape');
  if (!mode.startsWith('SAME') && wanted === null) return padding;
  const along = (axis: 0 | 1, cells: number): [before: number, after: number] => {
    const reach = (size[axis] - 1) * dilations[axis] + 1;
    // The full length stride * (cells - 1) + window, minus the length that is stated, else stride * cells.
    const length = wanted?.at(axis - 2) ?? strides[axis] * cells;
    const total = extras[axis]! + reach + strides[axis] * (cells - 1) - length;
    if (total < 0) {
      throw unsupported(
        call,
        wanted === null
          ? `auto_pad ${mode} is not supported where windows do not touch each other (${cells} cells)`
          : `its output_shape [${wanted.join(', ')}] is larger than what its windows cover, which is not supported`,
      );
    }
    const [less, more] = [Math.floor(total / 2), Math.ceil(total / 2)];
    return mode === 'SAME_UPPER' ? [less, more] : [more, less];
  };
  const [[top, bottom], [left, right]] = [along(0, height), along(1, width)];
  return { top, bottom, left, right };
}

/** Brings weights to four axes; those of a series get a height of 1. */
function readKernel(
  call: OnnxCall,
  rank: number,
): { kernel: Constant; shape: readonly number[]; size: readonly [number, number] } {
  const kernel = requireConstant(call, 1, 'weights');
  const [out = 0, each = 0, ...sides] = kernel.shape;
  if (sides.length !== rank - 2 || countElements(kernel.shape) === 0) {
    throw contradictory(call, `its weights have shape [${kernel.shape.join(', ')}]`);
  }
  const size = rank === 3 ? ([1, sides[0]!] as const) : ([sides[0]!, sides[1]!] as const);
  return { kernel, shape: [out, each, ...size], size };
}

function biasOf(call: OnnxCall, out: number): { bias?: string } {
  const bias = constantAt(call, 2, 'bias');
  if (bias === null) return {};
  if (countElements(bias.shape) !== out) {
    throw contradictory(call, `its bias has shape [${bias.shape.join(', ')}], expected [${out}]`);
  }
  return { bias: vectorWeight(call.builder, bias) };
}

function stepsOf(
  call: OnnxCall,
  image: readonly [number, number],
  window: Omit<WindowAttributes, 'padding'> & { readonly padding: Padding },
): [number, number] {
  const steps = countWindowSteps(image, window, window.padding);
  if (steps.every((one) => one >= 1)) return steps;
  throw contradictory(
    call,
    `its window ${window.size.join('x')} is larger than the image ${image.join('x')}; a larger --input-size may be needed`,
  );
}
