import { countElements, type NdArray } from '../../src/array/nd-array.ts';
import {
  functionalModel,
  input,
  layer,
  type LayerSpec,
  type TestModel,
} from '../helper/keras-model.ts';
import { createRandom } from '../helper/random.ts';
import type { NetPlan, SmoothStep, Step } from './net-plan.ts';

/** Sizes beyond which a step is left out, to keep a run in milliseconds. */
const LARGEST_SIDE = 14;
const MOST_CHANNELS = 8;

const CLASSES = 3;

/** How weights are drawn. */
export type Draw = (shape: readonly number[], choices?: readonly number[]) => NdArray;

/**
 * Small whole numbers, halves at most, many of them zero: every sum of a net is exact in float32,
 * whatever its order, so no two engines see a ReLU's input on different sides of zero.
 */
export function drawDyadic(seed: number): Draw {
  const random = createRandom(seed);
  return (shape, choices = [-1, 0, 0, 1]) => ({
    shape,
    data: Float32Array.from(
      { length: countElements(shape) },
      () => choices[Math.floor(random() * choices.length)]!,
    ),
  });
}

/** Uniform numbers over the range of the choices: no value lies on a kink. */
export function drawUniform(seed: number): Draw {
  const random = createRandom(seed);
  return (shape, choices = [-1, 1]) => {
    const [low, high] = [Math.min(...choices), Math.max(...choices)];
    const data = Float32Array.from(
      { length: countElements(shape) },
      () => low + (high - low) * random(),
    );
    return { shape, data };
  };
}

/** The net of a plan, and names of its layers with an image as output, in order. */
export interface BuiltNet {
  readonly model: TestModel;
  /** Layers before the first smooth one: their values are exact. */
  readonly taps: readonly string[];
  /** Whether a smooth layer or a mean makes gradients that float32 rounds. */
  readonly isRounded: boolean;
}

interface Placed {
  readonly name: string;
  readonly shape: readonly [height: number, width: number, channels: number];
}

/** Builds the net of a plan; steps that do not fit are left out. */
export function buildNet(plan: NetPlan, draw: Draw = drawDyadic(plan.seed)): BuiltNet {
  const layers: LayerSpec[] = [input('image', ...plan.image)];
  const placed: Placed[] = [{ name: 'image', shape: plan.image }];
  const add = (spec: LayerSpec | null, shape: readonly number[]): void => {
    if (spec === null || !fits(shape)) return;
    layers.push({ inputs: [placed.at(-1)!.name], ...spec });
    placed.push({ name: spec.name, shape: shape as Placed['shape'] });
  };
  for (const step of plan.steps) {
    const name = `${step.op}${placed.length}`;
    const { spec, shape } = placeStep(step, name, placed, draw);
    add(spec, shape);
  }
  const taps = placed.slice(1).map(({ name }) => name);
  for (const step of plan.smooth) {
    const name = `smooth${placed.length}`;
    const { spec, shape } = placeSmooth(step, name, placed.at(-1)!);
    add(spec, shape);
  }
  layers.push(...buildTail(plan, placed.at(-1)!, taps.length + 1 === placed.length, draw));
  const isRounded = taps.length + 1 < placed.length || plan.tail !== 'flatten';
  return { model: functionalModel(layers), taps, isRounded };
}

function fits([height = 0, width = 0, channels = 0]: readonly number[]): boolean {
  const isSide = (side: number): boolean => side >= 1 && side <= LARGEST_SIDE;
  return isSide(height) && isSide(width) && channels <= MOST_CHANNELS;
}

type Placement = { readonly spec: LayerSpec | null; readonly shape: readonly number[] };

const leftOut: Placement = { spec: null, shape: [] };

function placeStep(step: Step, name: string, placed: readonly Placed[], draw: Draw): Placement {
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

function placeSmooth(step: SmoothStep, name: string, { name: before, shape }: Placed): Placement {
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

function buildTail(
  { tail, hidden, ends }: NetPlan,
  { name, shape }: Placed,
  isExact: boolean,
  draw: Draw,
): LayerSpec[] {
  const className = {
    flatten: 'Flatten',
    mean: 'GlobalAveragePooling2D',
    // A maximum has kinks, so a mean takes its place after what is smooth.
    max: isExact ? 'GlobalMaxPooling2D' : 'GlobalAveragePooling2D',
  }[tail];
  const layers: LayerSpec[] = [{ ...layer(className, 'pooled'), inputs: [name] }];
  let size = tail === 'flatten' ? countElements(shape) : shape[2];
  const dense = (name: string, units: number, activation: string): LayerSpec =>
    layer(
      'Dense',
      name,
      { units, activation },
      { kernel: draw([size, units]), bias: draw([units], [-1, 0, 1]) },
    );
  // A mean over the grid is rounded too, so no ReLU may follow it.
  if (hidden > 0 && isExact && className !== 'GlobalAveragePooling2D') {
    layers.push(dense('hidden', hidden, 'relu'));
    size = hidden;
  }
  return [...layers, dense('scores', CLASSES, ends === 'logits' ? 'linear' : ends)];
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
