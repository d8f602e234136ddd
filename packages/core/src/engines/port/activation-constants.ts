/** SELU's slope below zero: Klambauer et al. 2017, arXiv 1706.02515. */
export const SELU_ALPHA = 1.6732632423543772;

/** SELU's factor, from the same paper. */
export const SELU_SCALE = 1.0507009873554805;

/** Factor of x^3 in the tanh approximation of GELU: Hendrycks and Gimpel 2016, arXiv 1606.08415. */
export const GELU_CUBE = 0.044715;
