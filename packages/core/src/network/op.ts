/**
 * The small op set in which a network and its derivative are both written.
 *
 * Every op is plain data. Sizes and paddings are resolved numbers, so an evaluator needs no rule of any
 * framework. Images are NHWC, and shapes are given without the batch axis.
 */
export type Op =
  | { readonly kind: 'input' }
  /**
   * A weight as a value, without inputs: the weight `value` has the shape of the node. It is the same
   * for all items of a batch and is broadcast where an op needs it for several. It has no gradient.
   */
  | { readonly kind: 'constant' }
  /** Weights: `kernel` [kh, kw, in / groups, out], optional `bias` [out]. */
  | ({ readonly kind: 'conv2d'; readonly groups: number } & Convolution)
  /** Weights: `kernel` [kh, kw, in, multiplier], optional `bias` [in * multiplier]. */
  | ({ readonly kind: 'depthwiseConv2d' } & Convolution)
  /**
   * The adjoint of `conv2d` with the same kernel: it spreads each value over its window. As a layer of
   * a model it is Conv2DTranspose, which may also have a `bias` over its output channels.
   */
  | ({ readonly kind: 'conv2dAdjoint'; readonly groups: number } & Convolution & OutputSize)
  /** The adjoint of `depthwiseConv2d` with the same kernel. */
  | ({ readonly kind: 'depthwiseConv2dAdjoint' } & Convolution & OutputSize)
  /**
   * `x · kernel + bias`. Weights: `kernel` [in, out], optional `bias` [out]. Either may have another
   * shape with the same elements in the same order.
   */
  | { readonly kind: 'dense' }
  /** `x · kernelᵀ`, the adjoint of `dense`. */
  | { readonly kind: 'denseAdjoint' }
  /**
   * Matrix products over the last two axes of two values of the same rank, at least 2. A side that is
   * transposed has these two axes exchanged first. Leading axes of size 1 are broadcast.
   */
  | { readonly kind: 'matMul'; readonly transposeA: boolean; readonly transposeB: boolean }
  /** `(x - mean) / sqrt(variance + epsilon) * gamma + beta`; gamma and beta are optional weights. */
  | { readonly kind: 'batchNorm'; readonly epsilon: number }
  /** `x * gamma / sqrt(variance + epsilon)`, the adjoint of `batchNorm`. */
  | { readonly kind: 'batchNormAdjoint'; readonly epsilon: number }
  /**
   * `x * scale + bias` over the last axis. Each weight is one number or a vector, and both are
   * optional. The adjoint is this op without the bias.
   */
  | { readonly kind: 'channelScale' }
  /**
   * `(x - mean) / sqrt(variance + epsilon) * gamma + beta`, with the mean and variance of the value
   * over its last axis. The weights gamma and beta are optional; they may have any shape with one
   * element for each element of that axis.
   */
  | { readonly kind: 'layerNorm'; readonly epsilon: number }
  /** Inputs: the upstream gradient and the input of the normalisation. */
  | { readonly kind: 'layerNormGradient'; readonly epsilon: number }
  | ({ readonly kind: 'relu' } & ReluShape)
  /**
   * Inputs: the upstream gradient and the input of the ReLU. Where slope is 0 and max is null or 6, the
   * second input is the output of the ReLU. Gradients at the kinks equal TensorFlow's; the tests list
   * them.
   */
  | ({ readonly kind: 'reluGradient'; readonly policy: ReluPolicy } & ReluShape)
  /** `max(x, 0) + alpha * min(x, 0)`; weight: `alpha`, of the input's rank without the batch axis. */
  | { readonly kind: 'prelu' }
  /**
   * Inputs: the upstream gradient and the input of the PReLU. The gradient at zero is zero, as in
   * TensorFlow.
   */
  | { readonly kind: 'preluGradient' }
  | { readonly kind: 'activation'; readonly fn: ActivationFunction }
  /** Inputs: the upstream gradient and the input of the function. */
  | { readonly kind: 'activationGradient'; readonly fn: ActivationFunction }
  /** Softmax over the last axis. */
  | { readonly kind: 'softmax' }
  /** Inputs: the upstream gradient and the output of the softmax. */
  | { readonly kind: 'softmaxGradient' }
  | { readonly kind: 'sigmoid' }
  /** Inputs: the upstream gradient and the output of the sigmoid. */
  | { readonly kind: 'sigmoidGradient' }
  | ({ readonly kind: 'maxPool' } & Window)
  /**
   * Inputs: the upstream gradient, the input of the pool and its output. Of equal values the first in
   * row-major order gets the gradient, as in TensorFlow.
   */
  | ({ readonly kind: 'maxPoolGradient' } & Window)
  /**
   * The mean does not count padding. A model whose mean counts it has a `pad` before the pool. Cells
   * that rounding up adds at the end (ceil_mode) are always padding.
   */
  | ({ readonly kind: 'averagePool' } & Window)
  | ({ readonly kind: 'averagePoolAdjoint' } & Window & OutputSize)
  /** Mean over height and width: [h, w, c] to [c]. */
  | { readonly kind: 'globalAveragePool' }
  | ({ readonly kind: 'globalAveragePoolAdjoint' } & OutputSize)
  /** Maximum over height and width: [h, w, c] to [c]. */
  | { readonly kind: 'globalMaxPool' }
  /**
   * Inputs: the upstream gradient, the input of the pool and its output. Equal values share the
   * gradient, as in TensorFlow.
   */
  | { readonly kind: 'globalMaxPoolGradient' }
  /** Puts zeros around the image. */
  | { readonly kind: 'pad'; readonly padding: Padding }
  /** Puts `value`, which is not zero, around the image. */
  | { readonly kind: 'padWith'; readonly padding: Padding; readonly value: number }
  | { readonly kind: 'crop'; readonly padding: Padding }
  /** Changes the shape to that of the node and keeps the order of the elements. */
  | { readonly kind: 'reshape' }
  /** Axes in a new order: output axis i is input axis `dims[i]`, the batch axis not counted. */
  | { readonly kind: 'permute'; readonly dims: readonly number[] }
  /** `x * scale + offset`. Each is one number, or a number for each element of the last axis. */
  | {
      readonly kind: 'affine';
      readonly scale: readonly number[];
      readonly offset: readonly number[];
    }
  /** Resizes each axis by the weights that `image/resize-taps.ts` computes for the grid. */
  | ({ readonly kind: 'resize'; readonly grid: ResizeGrid } & OutputSize)
  | ({ readonly kind: 'resizeAdjoint'; readonly grid: ResizeGrid } & OutputSize)
  | ({ readonly kind: 'resizeNearest' } & WholeFactors)
  /** Sum over each block of `factors` cells. */
  | ({ readonly kind: 'resizeNearestAdjoint' } & WholeFactors)
  /** Sum of all inputs. In this op and those up to `select`, axes of size 1 are broadcast. */
  | { readonly kind: 'add' }
  | { readonly kind: 'subtract' }
  /** Product of all inputs. */
  | { readonly kind: 'multiply' }
  /** The first of two inputs divided by the second. */
  | { readonly kind: 'divide' }
  | { readonly kind: 'maximum' }
  | { readonly kind: 'minimum' }
  /** 1 where the relation holds between the two inputs, else 0. */
  | { readonly kind: 'compare'; readonly relation: Relation }
  /**
   * Inputs: a condition, and two values. The first value where the condition is not 0, else the second.
   * The value that is not chosen may be infinite or no number. No gradient passes to the condition.
   */
  | { readonly kind: 'select' }
  /**
   * Sums over every axis that has size 1 in the node's shape and keeps that axis. It is the adjoint of
   * broadcasting.
   */
  | { readonly kind: 'sumTo' }
  /**
   * Maximum over every axis that has size 1 in the node's shape; that axis is kept. Equal values share
   * the gradient, as in TensorFlow's `reduce_max` and PyTorch's `amax`.
   */
  | { readonly kind: 'maxTo' }
  /** Repeats axes of size 1 to the shape of the node. It is the adjoint of summing. */
  | { readonly kind: 'broadcast' }
  /** Joins the inputs along one axis; the batch axis does not count. */
  | { readonly kind: 'concatenate'; readonly axis: number }
  /**
   * Takes a range of one axis, from `start` on and as long as in the node's shape. It is the adjoint of
   * `concatenate`.
   */
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number }
  /**
   * Takes every `step`-th element of one axis, from `start` on and as many as in the node's shape. A
   * negative step goes backwards.
   */
  | {
      readonly kind: 'stride';
      readonly axis: number;
      readonly start: number;
      readonly step: number;
    }
  /**
   * Takes the elements of one axis at `indices`, in that order. An element may be taken several times
   * or never.
   */
  | { readonly kind: 'gather'; readonly axis: number; readonly indices: readonly number[] }
  /**
   * Adds each element at the index that `gather` took it from. The node's shape is the shape of the
   * result.
   */
  | { readonly kind: 'gatherAdjoint'; readonly axis: number; readonly indices: readonly number[] }
  /**
   * A layer or node that another runtime computes. Where `masked` is true, the last input is its mask.
   */
  | ({ readonly kind: 'opaque'; readonly output: number | 'mask' } & OpaqueCall)
  /**
   * The gradient with respect to one input of an opaque call. Inputs: the upstream gradient, then the
   * inputs of the call.
   */
  | ({
      readonly kind: 'opaqueGradient';
      readonly output: number;
      readonly input: number;
    } & OpaqueCall);

/** A computation that is not in this op set. */
export interface OpaqueCall {
  /**
   * The runtime that computes it. TensorFlow.js's tape can differentiate tfjs-layers, but not a
   * GraphModel.
   */
  readonly by: 'tfjs-layers' | 'graph-model';
  /** The name of the layer. All calls of a shared layer have the same name. */
  readonly layer: string;
  readonly className: string;
  /** The configuration as in the model's JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes of every input except the mask, without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly masked: boolean;
}

/** The names of all ops. */
export type OpKind = Op['kind'];

/** Ops that another runtime computes. */
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

/** Height and width of the result of an adjoint. The strides alone do not determine them. */
export interface OutputSize {
  readonly height: number;
  readonly width: number;
}

/** How many times a nearest-neighbour resize repeats each cell. */
export interface WholeFactors {
  readonly factors: readonly [height: number, width: number];
}

export type Relation = 'greaterEqual' | 'greater' | 'lessEqual' | 'less';

/** Activations that no ReLU policy changes. */
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
        /** `x * Phi(x)`, where Phi is the distribution function of the normal distribution. */
        | 'gelu'
        /** The approximation of `gelu` by tanh. */
        | 'geluTanh';
    }
  /** `x` above zero, `alpha * (exp(x) - 1)` below. */
  | { readonly name: 'elu'; readonly alpha: number }
  /** `min(max(slope * x + 1/2, 0), 1)`: slope 1/6 in Keras 3, 1/5 before. */
  | { readonly name: 'hardSigmoid'; readonly slope: number }
  /** `x * hardSigmoid(x)` */
  | { readonly name: 'hardSwish'; readonly slope: number }
  /**
   * `x ^ exponent`, for inputs where the power is defined. Exponent 1/2 is the root, -1 the reciprocal.
   */
  | { readonly name: 'power'; readonly exponent: number }
  /**
   * The nearest multiple of `step`, of two equally near ones the even multiple, from `least` to `most`
   * times the step. The gradient passes within these bounds and is zero beyond them, as in PyTorch's
   * `fake_quantize`: the straight-through estimator (Bengio et al. 2013). The derivative itself is zero.
   */
  | {
      readonly name: 'quantise';
      readonly step: number;
      readonly least: number;
      readonly most: number;
    };

/** `min(max(x, slope * x), max)`. */
export interface ReluShape {
  /** Upper bound, such as 6 in ReLU6; null for none. */
  readonly max: number | null;
  /** Slope for negative values; 0 for the plain ReLU. */
  readonly slope: number;
}

/**
 * The gradient that a ReLU passes back. `plain` is the derivative, `guided` also drops negative
 * gradients (Springenberg et al. 2015), and `deconvnet` looks at the sign of the gradient alone (Zeiler
 * and Fergus 2014). Leaky and smooth activations always use their derivative.
 */
export type ReluPolicy = 'plain' | 'guided' | 'deconvnet';

/** No cells at any edge. */
export const noPadding: Padding = { top: 0, bottom: 0, left: 0, right: 0 };

/** Whether any edge is padded. */
export function isPadded(padding: Padding): boolean {
  return padding.top + padding.bottom + padding.left + padding.right > 0;
}

/**
 * Where a resize op places its samples, and how it mixes the cells around them.
 *
 * - `linear`, `nearest` and `cubic` are TensorFlow's with half-pixel centres, as Keras resizes.
 *   `antialias` is `linear` with a triangle that widens when the image shrinks.
 * - `aligned` and `alignedNearest` align the corner cells, as Resizing of tfjs-layers does.
 * - `corner` and `cornerNearest` measure from the upper left corner, as UpSampling2D of tfjs-layers
 *   does.
 * - `cubicEdges` and `alignedCubic` are the cubic of PyTorch and ONNX, which has a sharper kernel and
 *   repeats the edges. `nearestDown` is ONNX's `round_prefer_floor`: `nearest`, but of two equally near
 *   cells the first.
 * - `windows` is adaptive pooling and not a resize of pictures: each sample is the mean of its share of
 *   the axis, in whole cells.
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
