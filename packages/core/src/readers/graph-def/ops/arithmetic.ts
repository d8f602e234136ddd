import { countElements } from '../../../base/nd-array.ts';
import { vectorWeight } from '../../graph/lines.ts';
import { arrange, transposeValue } from '../../graph/layout.ts';
import type { Value } from '../../graph/value.ts';
import { arithmeticTranslators } from '../../onnx-file/ops/arithmetic.ts';
import {
  asInOnnx,
  constantAt,
  contradictory,
  unsupported,
  valueAt,
  type TranslateDef,
} from '../def-call.ts';

const as =
  (type: string): TranslateDef =>
  (call) =>
    asInOnnx(arithmeticTranslators[type]!, call);

/** Adds a bias. The bias of a matrix product becomes its own, so that the two are one linear layer. */
const addBias: TranslateDef = (call) => {
  const { builder } = call;
  const [value, bias] = call.inputs;
  const made = value?.kind === 'node' ? builder.nodes.get(value.node) : undefined;
  const isPlain =
    made?.op.kind === 'dense' &&
    made.weights['bias'] === undefined &&
    bias?.kind === 'constant' &&
    countElements(bias.shape) === made.shape.at(-1);
  if (value?.kind === 'node' && isPlain) {
    const weights = { ...made.weights, bias: vectorWeight(builder, bias) };
    return [{ ...value, node: builder.emit(made.op, made.inputs, made.shape, { weights }) }];
  }
  if (call.attributes.text('data_format', 'NHWC') !== 'NHWC' && value?.kind === 'node') {
    if (bias?.kind !== 'constant')
      throw unsupported(call, 'its bias is computed; expected a constant');
    const rank = value.shape.length;
    const axes = value.shape.map((_, axis) => axis);
    // With channels first, the channels are the second axis.
    const last = transposeValue(value, [0, ...axes.slice(2), 1]);
    const [added] = asInOnnx(arithmeticTranslators['Add']!, call, [last, bias]);
    if (added?.kind !== 'node') throw unsupported(call, 'its bias does not fit');
    return [transposeValue(added, [0, rank - 1, ...axes.slice(1, -1)])];
  }
  return as('Add')(call);
};

const square: TranslateDef = (call) => {
  const value = valueAt(call, 0);
  const { shape } = call.builder.nodes.get(value.node)!;
  const node = call.builder.emit({ kind: 'multiply' }, [value.node, value.node], shape);
  return [{ ...value, node }];
};

const squaredDifference: TranslateDef = (call) => {
  const [difference] = as('Sub')(call) as [Value];
  return square({ ...call, inputs: [difference] });
};

/** Batch normalisation with the statistics of training. */
const batchNorm: TranslateDef = (call) => {
  const { builder, attributes } = call;
  if (attributes.flag('is_training', false)) {
    throw unsupported(
      call,
      'it computes the statistics of its own batch: the model was saved in training mode; save it for inference',
    );
  }
  const given = valueAt(call, 0);
  const isFirst = attributes.text('data_format', 'NHWC') === 'NCHW';
  const value = isFirst ? given : transposeValue(given, [0, 3, 1, 2]);
  const vectors = ['scale', 'offset', 'mean', 'variance'].map((role, i) =>
    constantAt(call, i + 1, role),
  );
  const wrong = vectors.find(({ shape }) => countElements(shape) !== value.shape[1]);
  if (given.shape.length !== 4 || wrong !== undefined) {
    throw contradictory(call, `it normalises a value [${given.shape.join(', ')}]`);
  }
  const order = [2, 3, 1];
  const node = arrange(builder, value, order);
  const { shape } = builder.nodes.get(node)!;
  const [gamma, beta, mean, variance] = vectors.map((one) => vectorWeight(builder, one));
  const op = { kind: 'batchNorm', epsilon: attributes.float('epsilon', 1e-4) } as const;
  const weights = { gamma: gamma!, beta: beta!, mean: mean!, variance: variance! };
  const made = { ...value, order, node: builder.emit(op, [node], shape, { weights }) };
  return [isFirst ? made : transposeValue(made, [0, 2, 3, 1])];
};

export const arithmeticOps: Readonly<Record<string, TranslateDef>> = {
  Add: as('Add'),
  AddV2: as('Add'),
  BiasAdd: addBias,
  Sub: as('Sub'),
  Mul: as('Mul'),
  RealDiv: as('Div'),
  Div: as('Div'),
  Pow: as('Pow'),
  Maximum: as('Max'),
  Minimum: as('Min'),
  AddN: as('Sum'),
  Square: square,
  SquaredDifference: squaredDifference,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
};
