import { layer, type LayerSpec } from '../helper/keras-model.ts';
import type { Draw } from './draw-weights.ts';
import type { SmoothStep, Step } from './net-plan.ts';

/** A layer of the net with the shape of its output. */
export interface Placed {
  readonly name: string;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** A layer and the shape of its output; null where the step does not fit. */
export type Placement = { readonly spec: LayerSpec | null; readonly shape: readonly number[] };

const leftOut: Placement = { spec: null, shape: [] };

/** The layer of a step after what is placed already. */
export function placeStep(
  step: Step,
  name: string,
  placed: readonly Placed[],
  draw: Draw,
): Placement {
  const { shape, name: before } = placed.at(-1)!;
  const [height, width, channels] = shape;
  switch (step.op) {
    case 'conv':
    case 'transposed':
      return placeConvolution(step, name, shape, draw);
    case 'depthwise':
    case 'separable': {
      const { size, multiplier, padding } = step;
      const strides = [step.strides, step.strides] as const;
      const sides = windowSides(shape, size, strides, [1, 1], padding);
      const filters = step.op === 'separable' ? 3 : channels * multiplier;
      const config = { kernel_size: size, strides, padding, depth_multiplier: multiplier };
      const kernel = { depthwise_kernel: draw([...size, channels, multiplier]) };
      const bias = draw([filters], [-1, 0, 1]);
      if (step.op === 'depthwise') {
        return {
          spec: layer('DepthwiseConv2D', name, config, { ...kernel, bias }),
          shape: [...sides, filters],
        };
      }
      const weights = {
        ...kernel,
        pointwise_kernel: draw([1, 1, channels * multiplier, filters]),
        bias,
      };
      return {
        spec: layer('SeparableConv2D', name, { ...config, filters }, weights),
        shape: [...sides, filters],
      };
    }
    case 'maxPool':
    case 'averagePool': {
      const { size, strides, padding } = step;
      const sides = windowSides(shape, size, strides, [1, 1], padding);
      const className = step.op === 'maxPool' ? 'MaxPooling2D' : 'AveragePooling2D';
      return {
        spec: layer(className, name, { pool_size: size, strides, padding }),
        shape: [...sides, channels],
      };
    }
    case 'relu': {
      const config = {
        ...(step.max === null ? {} : { max_value: step.max }),
        negative_slope: step.slope,
      };
      return { spec: layer('ReLU', name, config), shape };
    }
    case 'prelu': {
      const shared_axes = step.shared ? [1, 2] : [];
      const alpha = draw(step.shared ? [1, 1, channels] : shape, [0, 0.25, 0.5]);
      return { spec: layer('PReLU', name, { shared_axes }, { alpha }), shape };
    }
    case 'batchNorm': {
      const weights = {
        gamma: draw([channels], [0.5, 1, 2]),
        beta: draw([channels], [-1, 0, 1]),
        moving_mean: draw([channels], [-1, 0, 1]),
        // Squares of dyadic numbers: their roots are exact.
        moving_variance: draw([channels], [0.25, 1, 4]),
      };
      return { spec: layer('BatchNormalization', name, { epsilon: 0 }, weights), shape };
    }
    case 'pad':
    case 'crop': {
      const [top, bottom, left, right] = step.edges;
      const edges = [
        [top, bottom],
        [left, right],
      ];
      const sign = step.op === 'pad' ? 1 : -1;
      const spec =
        step.op === 'pad'
          ? layer('ZeroPadding2D', name, { padding: edges })
          : layer('Cropping2D', name, { cropping: edges });
      return {
        spec,
        shape: [height + sign * (top + bottom), width + sign * (left + right), channels],
      };
    }
    case 'upsample': {
      const config = { size: [2, 2], interpolation: step.how };
      return {
        spec: layer('UpSampling2D', name, config),
        shape: [2 * height, 2 * width, channels],
      };
    }
    case 'join': {
      const other = placed.at(-1 - step.back);
      if (other === undefined) return leftOut;
      const isConcatenation = step.how === 'Concatenate';
      const axes = isConcatenation ? [0, 1] : [0, 1, 2];
      if (axes.some((axis) => other.shape[axis] !== shape[axis])) return leftOut;
      return {
        spec: { ...layer(step.how, name), inputs: [before, other.name] },
        shape: isConcatenation ? [height, width, channels + other.shape[2]] : shape,
      };
    }
  }
}

function placeConvolution(
  step: Extract<Step, { op: 'conv' | 'transposed' }>,
  name: string,
  shape: Placed['shape'],
  draw: Draw,
): Placement {
  const [height, width, channels] = shape;
  const { size, strides, padding, filters } = step;
  if (step.op === 'transposed') {
    // Keras has no dilation here together with strides.
    const side = (cells: number, axis: 0 | 1): number =>
      padding === 'same'
        ? cells * strides[axis]
        : (cells - 1) * strides[axis] + Math.max(size[axis], strides[axis]);
    const weights = {
      kernel: draw([...size, filters, channels]),
      bias: draw([filters], [-1, 0, 1]),
    };
    const spec = layer(
      'Conv2DTranspose',
      name,
      { filters, kernel_size: size, strides, padding },
      weights,
    );
    return { spec, shape: [side(height, 0), side(width, 1), filters] };
  }
  // Nor has TensorFlow a strided convolution that is dilated.
  const isStrided = strides[0] > 1 || strides[1] > 1;
  const dilations = isStrided ? ([1, 1] as const) : step.dilations;
  const groups = channels % step.groups === 0 && filters % step.groups === 0 ? step.groups : 1;
  const config = { filters, kernel_size: size, strides, padding, groups, dilation_rate: dilations };
  const weights = {
    kernel: draw([...size, channels / groups, filters]),
    bias: draw([filters], [-1, 0, 1]),
  };
  const sides = windowSides(shape, size, strides, dilations, padding);
  return { spec: layer('Conv2D', name, config, weights), shape: [...sides, filters] };
}

export function placeSmooth(
  step: SmoothStep,
  name: string,
  { name: before, shape }: Placed,
): Placement {
  switch (step.op) {
    case 'activation':
      return { spec: layer('Activation', name, { activation: step.name }), shape };
    case 'averagePool': {
      const { size, padding } = step;
      const sides = windowSides(shape, size, [1, 1], [1, 1], padding);
      const spec = layer('AveragePooling2D', name, { pool_size: size, strides: [1, 1], padding });
      return { spec, shape: [...sides, shape[2]] };
    }
    case 'gate':
      return { spec: { ...layer('Multiply', name), inputs: [before, before] }, shape };
  }
}

/** Height and width of what a window yields. */
function windowSides(
  [height, width]: Placed['shape'],
  size: readonly number[],
  strides: readonly number[],
  dilations: readonly number[],
  padding: 'same' | 'valid',
): [number, number] {
  const side = (cells: number, axis: 0 | 1): number => {
    const extent = (size[axis]! - 1) * dilations[axis]! + 1;
    const room = padding === 'same' ? cells : cells - extent + 1;
    return Math.max(0, Math.ceil(room / strides[axis]!));
  };
  return [side(height, 0), side(width, 1)];
}
