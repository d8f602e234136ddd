/** A function without weights between the layers of a head, as a layer of Keras. */
export interface HeadFunction {
  /** Its name in PyTorch. */
  readonly title: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The slope of `nn.LeakyReLU` and the scale of `nn.ELU` where none is stated. */
const [DEFAULT_SLOPE, DEFAULT_ALPHA] = [0.01, 1];

/** The functions of PyTorch that take no number, by their names in lower case. */
const PLAIN: Readonly<Record<string, readonly [title: string, activation: string]>> = {
  relu: ['ReLU', 'relu'],
  relu6: ['ReLU6', 'relu6'],
  selu: ['SELU', 'selu'],
  gelu: ['GELU', 'gelu'],
  silu: ['SiLU', 'swish'],
  swish: ['SiLU', 'swish'],
  mish: ['Mish', 'mish'],
  tanh: ['Tanh', 'tanh'],
  sigmoid: ['Sigmoid', 'sigmoid'],
  softplus: ['Softplus', 'softplus'],
  softsign: ['Softsign', 'softsign'],
};

/** The names of all functions that a head may have. */
export const HEAD_FUNCTION_NAMES: readonly string[] = [...Object.keys(PLAIN), 'leakyrelu', 'elu'];

/**
 * Finds a function by its name in PyTorch.
 *
 * @param name in lower case
 * @param number the slope of LeakyReLU, or the alpha of ELU, which alone take one
 */
export function findHeadFunction(name: string, number?: number): HeadFunction | undefined {
  if (name === 'leakyrelu') {
    const alpha = number ?? DEFAULT_SLOPE;
    return { title: `LeakyReLU(${alpha})`, className: 'LeakyReLU', config: { alpha } };
  }
  if (name === 'elu') {
    const alpha = number ?? DEFAULT_ALPHA;
    return { title: `ELU(${alpha})`, className: 'ELU', config: { alpha } };
  }
  const [title, activation] = Object.hasOwn(PLAIN, name) ? PLAIN[name]! : [];
  if (title === undefined || number !== undefined) return undefined;
  return { title, className: 'Activation', config: { activation } };
}
