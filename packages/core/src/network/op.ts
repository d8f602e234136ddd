/**
 * The small op set in which a network and its derivative are both written.
 *
 * Every op is plain data; sizes and paddings are resolved numbers, so that an evaluator needs no
 * rule of any framework. Images are NHWC, shapes are given without the batch axis.
 */
export type Op =
  | { readonly kind: 'input' }
  /**
   * A weight as a value, without inputs: `value`, of the node's shape. It is the same for all items of a batch,
   * and repeated for them where the others of an op have several. There is no gradient of it.
   */
  | { readonly kind: 'constant' }
  /** Weights: `kernel` [kh, kw, in / groups, out], optional `bias` [out]. */
  | ({ readonly kind: 'conv2d'; readonly groups: number } & Convolution)
  /** Weights: `kernel` [kh, kw, in, multiplier], optional `bias` [in * multiplier]. */
  | ({ readonly kind: 'depthwiseConv2d' } & Convolution)
  /**
   * The adjoint of `conv2d` with the same kernel: spreads each value over its window. As a layer of
   * its own it is Conv2DTranspose, then with an optional `bias` over its output's channels.
   */
  | ({ readonly kind: 'conv2dAdjoint'; readonly groups: number } & Convolution & OutputSize)
  /** The adjoint of `depthwiseConv2d` with the same kernel. */
  | ({ readonly kind: 'depthwiseConv2dAdjoint' } & Convolution & OutputSize)
  /**
   * `x · kernel + bias`; weights: `kernel` [in, out], optional `bias` [out], each in any shape with these elements
   * in this order.
   */
  | { readonly kind: 'dense' }
  /** `x · kernelᵀ`, the adjoint of `dense`. */
  | { readonly kind: 'denseAdjoint' }
  /**
   * Products of matrices: the last two axes of two values of one rank, at least 2. A side that is transposed has
   * these two exchanged first. Leading axes of size 1 are repeated as the other side needs.
   */
  | { readonly kind: 'matMul'; readonly transposeA: boolean; readonly transposeB: boolean }
  /** `(x - mean) / sqrt(variance + epsilon) * gamma + beta`; gamma and beta are optional weights. */
  | { readonly kind: 'batchNorm'; readonly epsilon: number }
  /** `x * gamma / sqrt(variance + epsilon)`, the adjoint of `batchNorm`. */
  | { readonly kind: 'batchNormAdjoint'; readonly epsilon: number }
  /** `x * scale + bias` over the last axis, each one number or a vector; both weights are optional. Its adjoint is itself without the bias. */
  | { readonly kind: 'channelScale' }
  /**
   * `(x - mean) / sqrt(variance + epsilon) * gamma + beta` with mean and variance of the value's own
   * last axis; gamma and beta are optional weights, in any shape with one element for each of the axis.
   */
  | { readonly kind: 'layerNorm'; readonly epsilon: number }
  /** Inputs: upstream gradient, the normalisation's own input. */
  | { readonly kind: 'layerNormGradient'; readonly epsilon: number }
  | ({ readonly kind: 'relu' } & ReluShape)
  /**
   * Inputs: upstream gradient, and the ReLU's own input or, where slope is 0 and max null or 6, its
   * output. At its kinks as TensorFlow has it: see the tests.
   */
  | ({ readonly kind: 'reluGradient'; readonly policy: ReluPolicy } & ReluShape)
  /** `max(x, 0) + alpha * min(x, 0)`; weight: `alpha`, of the input's rank without the batch axis. */
  | { readonly kind: 'prelu' }
  /** Inputs: upstream gradient, the PReLU's own input. Zero at zero, as in TensorFlow. */
  | { readonly kind: 'preluGradient' }
  | { readonly kind: 'activation'; readonly fn: ActivationFunction }
  /** Inputs: upstream gradient, the function's own input. */
  | { readonly kind: 'activationGradient'; readonly fn: ActivationFunction }
  /** Over the last axis. */
  | { readonly kind: 'softmax' }
  /** Inputs: upstream gradient, the softmax's output. */
  | { readonly kind: 'softmaxGradient' }
  | { readonly kind: 'sigmoid' }
  /** Inputs: upstream gradient, the sigmoid's output. */
  | { readonly kind: 'sigmoidGradient' }
  | ({ readonly kind: 'maxPool' } & Window)
  /** Inputs: upstream gradient, the pool's input, its output. Ties go to the first in row-major order, as in TensorFlow. */
  | ({ readonly kind: 'maxPoolGradient' } & Window)
  /**
   * Padding is not counted in the mean. Where a model counts it, that is a `pad` before the pool; windows that
   * its rounding up adds at the end (ceil_mode) are padding here in any case.
   */
  | ({ readonly kind: 'averagePool' } & Window)
  | ({ readonly kind: 'averagePoolAdjoint' } & Window & OutputSize)
  /** Mean over height and width: [h, w, c] to [c]. */
  | { readonly kind: 'globalAveragePool' }
  | ({ readonly kind: 'globalAveragePoolAdjoint' } & OutputSize)
  /** Maximum over height and width: [h, w, c] to [c]. */
  | { readonly kind: 'globalMaxPool' }
  /** Inputs: upstream gradient, the pool's input, its output. Ties share the gradient, as in TensorFlow. */
  | { readonly kind: 'globalMaxPoolGradient' }
  /** Zeros around the image. */
  | { readonly kind: 'pad'; readonly padding: Padding }
  /** A number around the image that is not zero. */
  | { readonly kind: 'padWith'; readonly padding: Padding; readonly value: number }
  | { readonly kind: 'crop'; readonly padding: Padding }
  /** Any change of shape that keeps the order of the elements; the target is the node's shape. */
  | { readonly kind: 'reshape' }
  /** Axes in a new order: output axis i is input axis `dims[i]`, the batch axis not counted. */
  | { readonly kind: 'permute'; readonly dims: readonly number[] }
  /** `x * scale + offset`: one number for all, or one for each element of the last axis. */
  | {
      readonly kind: 'affine';
      readonly scale: readonly number[];
      readonly offset: readonly number[];
    }
  /** Each axis by the weights of its grid (`image/resize-taps.ts`). */
  | ({ readonly kind: 'resize'; readonly grid: ResizeGrid } & OutputSize)
  | ({ readonly kind: 'resizeAdjoint'; readonly grid: ResizeGrid } & OutputSize)
  | ({ readonly kind: 'resizeNearest' } & WholeFactors)
  /** Sum over each block of `factors` cells. */
  | ({ readonly kind: 'resizeNearestAdjoint' } & WholeFactors)
  /** Sum of all inputs. Here and in the next five, axes of size 1 are repeated as the others need. */
  | { readonly kind: 'add' }
  | { readonly kind: 'subtract' }
  /** Product of all inputs. */
  | { readonly kind: 'multiply' }
  /** The first of two inputs by the second. */
  | { readonly kind: 'divide' }
  | { readonly kind: 'maximum' }
  | { readonly kind: 'minimum' }
  /** 1 where the relation holds between the two inputs, else 0. */
  | { readonly kind: 'compare'; readonly relation: Relation }
  /** Sums over the axes that are 1 in the node's shape, and keeps them: the adjoint of repeating. */
  | { readonly kind: 'sumTo' }
  /**
   * The largest over the axes that are 1 in the node's shape, which are kept. Ties share the gradient evenly, as
   * in TensorFlow's `reduce_max` and PyTorch's `amax`.
   */
  | { readonly kind: 'maxTo' }
  /** Repeats axes of size 1 as the node's shape says: the adjoint of summing. */
  | { readonly kind: 'broadcast' }
  /** Along one axis, the batch axis not counted. */
  | { readonly kind: 'concatenate'; readonly axis: number }
  /** From `start` along one axis, as much as the node's shape says: the adjoint of `concatenate`. */
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number }
  /**
   * Every `step`-th element from `start` on along one axis, as many as the node's shape says; a step below zero
   * goes backwards.
   */
  | {
      readonly kind: 'stride';
      readonly axis: number;
      readonly start: number;
      readonly step: number;
    }
  /** The elements of one axis that `indices` name, in that order; some may be named again and others never. */
  | { readonly kind: 'gather'; readonly axis: number; readonly indices: readonly number[] }
  /** Puts each element where `gather` took it from, as the node's shape says; those that meet are summed. */
  | { readonly kind: 'gatherAdjoint'; readonly axis: number; readonly indices: readonly number[] }
  /** A layer or node that another runtime computes. With `masked` the last input is its mask. */
  | ({ readonly kind: 'opaque'; readonly output: number | 'mask' } & OpaqueCall)
  /** The gradient with respect to one input. Inputs: upstream gradient, then those of the call. */
  | ({
      readonly kind: 'opaqueGradient';
      readonly output: number;
      readonly input: number;
    } & OpaqueCall);

/** What stands in a graph for a computation that is not of this op set. */
export interface OpaqueCall {
  /** Who computes it: tfjs-layers can be differentiated by tfjs's tape, a GraphModel cannot. */
  readonly by: 'tfjs-layers' | 'graph-model';
  /** The layer; calls of a shared layer have one name. */
  readonly layer: string;
  readonly className: string;
  /** As it stands in the model's JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Of all inputs but the mask, without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly masked: boolean;
}

/** Names of the ops. */
export type OpKind = Op['kind'];

/** Ops of which a graph says only who computes them. */
export type OpaqueKind = 'opaque' | 'opaqueGradient';

/** The op of one kind. */
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

/** Cells added at each edge. */
export interface Padding {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

export interface Convolution {
  readonly strides: readonly [height: number, width: number];
  readonly dilations: readonly [height: number, width: number];
  readonly padding: Padding;
}

export interface Window {
  readonly size: readonly [height: number, width: number];
  readonly strides: readonly [height: number, width: number];
  readonly padding: Padding;
}

/** Height and width of an adjoint's result, which strides alone leave open. */
export interface OutputSize {
  readonly height: number;
  readonly width: number;
}

/** How many times a nearest-neighbour resize repeats each cell. */
export interface WholeFactors {
  readonly factors: readonly [height: number, width: number];
}

export type Relation = 'greaterEqual' | 'greater' | 'lessEqual' | 'less';

/** Smooth activations, which no ReLU policy touches. */
export type ActivationFunction =
  | {
      readonly name:
        | 'tanh'
        | 'selu'
        | 'softplus'
        | 'softsign'
        | 'exponential'
        /** The natural logarithm. */
        | 'log'
        /** Its slope at zero is zero, as in TensorFlow and PyTorch. */
        | 'abs'
        /** `2 / sqrt(pi)` times the integral of `exp(-t²)` from 0 to x. */
        | 'erf'
        /** `x * sigmoid(x)`, also called SiLU. */
        | 'swish'
        /** `x * tanh(softplus(x))` */
        | 'mish'
        /** `x * Phi(x)` with the normal distribution itself. */
        | 'gelu'
        /** Its approximation by tanh. */
        | 'geluTanh';
    }
  /** `x` above zero, `alpha * (exp(x) - 1)` below. */
  | { readonly name: 'elu'; readonly alpha: number }
  /** `min(max(slope * x + 1/2, 0), 1)`: slope 1/6 in Keras 3, 1/5 before. */
  | { readonly name: 'hardSigmoid'; readonly slope: number }
  /** `x * hardSigmoid(x)` */
  | { readonly name: 'hardSwish'; readonly slope: number }
  /** `x ^ exponent`, of values at which that is defined: 1/2 is the root, -1 the reciprocal. */
  | { readonly name: 'power'; readonly exponent: number };

/** `min(max(x, slope * x), max)`. */
export interface ReluShape {
  /** Upper bound, as 6 in ReLU6; null for none. */
  readonly max: number | null;
  /** Slope for negative values; 0 for the plain ReLU. */
  readonly slope: number;
}

/**
 * What a ReLU lets through on the way back: `plain` is the derivative, `guided` also drops negative
 * gradients (Springenberg et al. 2015), `deconvnet` looks at the gradient alone (Zeiler and Fergus 2014).
 * Leaky and smooth activations keep their derivative.
 */
export type ReluPolicy = 'plain' | 'guided' | 'deconvnet';

export const noPadding: Padding = { top: 0, bottom: 0, left: 0, right: 0 };

/** Whether any edge is padded. */
export function isPadded(padding: Padding): boolean {
  return padding.top + padding.bottom + padding.left + padding.right > 0;
}

/**
 * How a resize layer places its samples and what it makes of their neighbours.
 *
 * `linear`, `nearest` and `cubic` are TensorFlow's with half-pixel centres, as Keras resizes; `antialias`
 * widens the triangle where an image shrinks; `aligned` and `alignedNearest` put the corners upon each
 * other, as tfjs-layers' Resizing does; `corner` and `cornerNearest` measure from the upper left corners, as its
 * UpSampling2D.
 *
 * `cubicEdges` and `alignedCubic` are the cubic of PyTorch and ONNX, whose kernel is sharper and whose edges are
 * repeated; `nearestDown` is ONNX's `round_prefer_floor`: `nearest`, which of two equally near takes the first.
 *
 * `windows` is no resize of pictures but adaptive pooling: each sample is the mean of its share of the axis, in whole
 * cells.
 */
export type ResizeGrid =
  | 'linear'
  | 'antialias'
  | 'nearest'
  | 'nearestDown'
  | 'cubic'
  | 'cubicEdges'
  | 'alignedCubic'
  | 'aligned'
  | 'alignedNearest'
  | 'corner'
  | 'cornerNearest'
  | 'windows';
