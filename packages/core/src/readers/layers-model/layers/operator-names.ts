import type { LayerRecord } from '../keras-topology.ts';
import type { CallArguments } from '../layer-calls.ts';

/**
 * The names in Keras 3 of TensorFlow's functions. Keras 2 saves the call of a function as a `TFOpLambda` (a
 * slice as a `SlicingOpLambda`) with the function's exported name.
 */
const functions: Readonly<Record<string, string>> = {
  '__operators__.add': 'Add',
  '__operators__.getitem': 'GetItem',
  'math.add': 'Add',
  'math.subtract': 'Subtract',
  'math.multiply': 'Multiply',
  'math.divide': 'TrueDivide',
  'math.truediv': 'TrueDivide',
  'math.pow': 'Power',
  'math.square': 'Square',
  'math.sqrt': 'Sqrt',
  'math.rsqrt': 'Rsqrt',
  'math.reciprocal': 'Reciprocal',
  'math.negative': 'Negative',
  'math.abs': 'Absolute',
  'math.exp': 'Exp',
  'math.log': 'Log',
  'math.maximum': 'Maximum',
  'math.minimum': 'Minimum',
  'math.reduce_mean': 'Mean',
  'math.reduce_sum': 'Sum',
  'math.sigmoid': 'Sigmoid',
  'math.tanh': 'Tanh',
  'math.softplus': 'Softplus',
  'nn.relu': 'Relu',
  'nn.relu6': 'Relu6',
  'nn.leaky_relu': 'LeakyRelu',
  'nn.silu': 'Silu',
  'nn.swish': 'Silu',
  'nn.elu': 'Elu',
  'nn.selu': 'Selu',
  'nn.gelu': 'Gelu',
  'nn.softsign': 'Softsign',
  'nn.softmax': 'Softmax',
  'nn.log_softmax': 'LogSoftmax',
  'nn.sigmoid': 'Sigmoid',
  'nn.tanh': 'Tanh',
  clip_by_value: 'Clip',
  cast: 'Cast',
  identity: 'Copy',
  stop_gradient: 'StopGradient',
  convert_to_tensor: 'ConvertToTensor',
  concat: 'Concatenate',
  stack: 'Stack',
  reshape: 'Reshape',
  transpose: 'Transpose',
  expand_dims: 'ExpandDims',
  squeeze: 'Squeeze',
  reverse: 'Flip',
  'image.resize': 'Resize',
};

/** TensorFlow ops with which TF 2.0 to 2.3 saved the same functions (`TensorFlowOpLayer`). */
const graphOps: Readonly<Record<string, string>> = {
  Add: 'Add',
  AddV2: 'Add',
  Sub: 'Subtract',
  Mul: 'Multiply',
  RealDiv: 'TrueDivide',
  Maximum: 'Maximum',
  Minimum: 'Minimum',
  Neg: 'Negative',
  Square: 'Square',
  Sqrt: 'Sqrt',
  Rsqrt: 'Rsqrt',
  Exp: 'Exp',
  Log: 'Log',
  Abs: 'Absolute',
  Relu: 'Relu',
  Relu6: 'Relu6',
  Sigmoid: 'Sigmoid',
  Tanh: 'Tanh',
  Identity: 'Copy',
};

/**
 * Names that Keras 3 gives to a layer too. An operator of such a name has arguments that the layer does not
 * have.
 */
const alsoLayers: ReadonlySet<string> = new Set([
  'Add',
  'Subtract',
  'Multiply',
  'Maximum',
  'Minimum',
]);

/** Operators that have several names in Keras 3. */
const aliases: Readonly<Record<string, string>> = {
  Divide: 'TrueDivide',
  Fabs: 'Absolute',
  Fmax: 'Maximum',
  Fmin: 'Minimum',
  SaturateCast: 'Cast',
};

/** The name of an operator in Keras 3, and the name that its users know. */
export interface OperatorName {
  readonly name: string;
  readonly title: string;
}

/**
 * Identifies the operator of a layer: Keras saves arithmetic on values and calls of functions as layers.
 *
 * @returns null for a layer of another kind; the operator's own name for an unsupported operator of Keras
 * 2.
 */
export function nameOperator(
  { className, config, module }: LayerRecord,
  { args }: CallArguments,
): OperatorName | null {
  if (className === 'TFOpLambda' || className === 'SlicingOpLambda') {
    const title = `tf.${String(config['function'])}`;
    return { name: lookUp(functions, String(config['function'])) ?? title, title };
  }
  if (className === 'TensorFlowOpLayer') {
    const op = readNodeOp(config['node_def']);
    return { name: lookUp(graphOps, op) ?? `tf.raw_ops.${op}`, title: `tf.raw_ops.${op}` };
  }
  const name = lookUp(aliases, className) ?? className;
  // A layer takes its inputs as one list, while `x + 1` and `x + y` have two arguments.
  const isOperator = alsoLayers.has(name) ? args.length > 1 : (module ?? '').includes('.ops.');
  return isOperator || onlyOperators.has(name) ? { name, title: className } : null;
}

/** Operators of Keras 3 whose names no layer has. */
const onlyOperators: ReadonlySet<string> = new Set([
  ...Object.values(functions).filter(
    (name) => !alsoLayers.has(name) && !['Concatenate', 'Reshape', 'Softmax'].includes(name),
  ),
  'TrueDivide',
  'HardSigmoid',
  'HardSilu',
  'HardTanh',
  'LogSigmoid',
  'Max',
  'Amax',
]);

/** The op in a node's definition, which is an object or its JSON. */
function readNodeOp(definition: unknown): string {
  try {
    const node: unknown =
      typeof definition === 'string' ? (JSON.parse(definition) as unknown) : definition;
    return String((node as { op?: unknown } | null)?.op);
  } catch {
    return 'unknown';
  }
}

function lookUp(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
