import type { ActivationFunction, ReluPolicy, ReluShape } from './activation-function.ts';
import type { CopiedNode } from './copied-node.ts';
import type { ResizeGrid } from './resize-grid.ts';
import type { Convolution, OutputSize, Padding, WholeFactors, Window } from './windows.ts';

export type { ActivationFunction, ReluPolicy, ReluRule, ReluShape } from './activation-function.ts';
export type { ResizeGrid } from './resize-grid.ts';
export type { Convolution, OutputSize, Padding, WholeFactors, Window } from './windows.ts';
export { isPadded, noPadding } from './windows.ts';

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
   * Inputs: a condition and two values. The result is the first value where the condition is not 0, else
   * the second value. The value that is not chosen may be infinite or NaN. No gradient passes to the
   * condition.
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
   * Takes a range of one axis. The range begins at `start`, and the node's shape gives its length. It is
   * the adjoint of `concatenate`.
   */
  | { readonly kind: 'slice'; readonly axis: number; readonly start: number }
  /**
   * Takes every `step`-th element of one axis, beginning at `start`. The node's shape gives the number of
   * elements. A negative step goes backwards.
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
   * Rows of the weight `table` [rows, features] at the indices that the input holds, whole numbers from 0:
   * the node's shape is the input's with `features` behind it. The input has no gradient.
   */
  | { readonly kind: 'lookUp'; readonly rows: number }
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
   * GraphModel. A node of an ONNX file is copied into the graph that ONNX Runtime runs, without a gradient.
   */
  readonly by: 'tfjs-layers' | 'graph-model' | 'onnx-file';
  /** The name of the layer. All calls of a shared layer have the same name. */
  readonly layer: string;
  readonly className: string;
  /** The configuration as in the model's JSON. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Shapes of every input except the mask, without the batch axis. */
  readonly inputShapes: readonly (readonly number[])[];
  readonly masked: boolean;
  /** The node of an ONNX file that is copied; other calls do not have it. */
  readonly copied?: CopiedNode;
}

/** The names of all ops. */
export type OpKind = Op['kind'];

/** Ops that another runtime computes. */
export type OpaqueKind = 'opaque' | 'opaqueGradient';

/** The op of one kind. */
export type OpOf<K extends OpKind> = Extract<Op, { kind: K }>;

/** A comparison of two values. */
export type Relation = 'greaterEqual' | 'greater' | 'lessEqual' | 'less';
