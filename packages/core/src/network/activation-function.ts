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
   * The nearest multiple of `step`, limited to the range from `least * step` to `most * step`. Halfway
   * between two multiples, the even one is taken. The derivative is zero almost everywhere. The gradient
   * passes unchanged within the bounds instead, and is zero beyond them, as in PyTorch's `fake_quantize`
   * (the straight-through estimator, Bengio et al. 2013).
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

/**
 * A policy for all ReLUs, or for those that other libraries find; every other ReLU keeps its derivative.
 * `unbounded`: ReLUs without an upper bound, so that ReLU6 is left out. `function`: of these, the ones that
 * are the function of another layer or of an activation layer, so that Keras's layer `ReLU` is left out.
 */
export type ReluRule =
  ReluPolicy | { readonly policy: ReluPolicy; readonly of: 'unbounded' | 'function' };
