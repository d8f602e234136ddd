import { countElements, lazyArray, reshaped, type NdArray } from '../../../base/nd-array.ts';
import { batchNormScale, nameScale } from '../fold-scales.ts';
import { scalar, type Lowering, type LoweringContext } from './lowering.ts';
import { graphAxis, isOneOrder, toOrder } from './stored-order.ts';

export const lowerRelu: Lowering<'relu'> = ({ writer, op, inputs }) => {
  const { max, slope } = op;
  const [x] = inputs as [string];
  if (slope !== 0) {
    const leaky = writer.add('LeakyRelu', [x], { alpha: { float: slope } });
    return max === null ? leaky : writer.add('Min', [leaky, scalar(writer, max)]);
  }
  if (max === null) return writer.add('Relu', [x]);
  return writer.add('Clip', [x, scalar(writer, 0), scalar(writer, max)]);
};

export const lowerSoftmax: Lowering<'softmax'> = ({ writer, inputs, node, axis }) =>
  writer.add('Softmax', [inputs[0]!], { axis: axis(node.shape.length - 1) });

export const lowerSoftmaxGradient: Lowering<'softmaxGradient'> = ({
  writer,
  inputs,
  node,
  axis,
}) => {
  const [upstream, output] = inputs as [string, string];
  const weighted = writer.add('Mul', [upstream, output]);
  const last = writer.integers([axis(node.shape.length - 1)]);
  const sum = writer.add('ReduceSum', [weighted, last], { keepdims: 1 });
  return writer.add('Sub', [weighted, writer.add('Mul', [output, sum])]);
};

export const lowerSigmoid: Lowering<'sigmoid'> = ({ writer, inputs }) =>
  writer.add('Sigmoid', [inputs[0]!]);

export const lowerSigmoidGradient: Lowering<'sigmoidGradient'> = ({ writer, inputs }) => {
  const [upstream, output] = inputs as [string, string];
  const slope = writer.add('Mul', [output, writer.add('Sub', [scalar(writer, 1), output])]);
  return writer.add('Mul', [upstream, slope]);
};

/**
 * ONNX's own operator normalises the axis directly after the batch axis. This axis holds the channels of a
 * vector, and of an image with its channels first. Other values are scaled and shifted instead.
 */
export const lowerBatchNorm: Lowering<'batchNorm'> = (context) => {
  const { writer, op, inputs, node } = context;
  if (context.axis(node.shape.length - 1) !== 1) return scaleAndShift(context);
  const channels = node.shape.at(-1) ?? 1;
  const vector = (role: string, fallback: number): string => {
    if (!context.hasWeight(role)) {
      return writer.once(`${fallback} x ${channels}`, () =>
        writer.floats(new Float32Array(channels).fill(fallback), [channels]),
      );
    }
    const { name, array } = context.weight(role);
    return writer.once(name, () => writer.weights(array));
  };
  return writer.add(
    'BatchNormalization',
    [inputs[0]!, vector('gamma', 1), vector('beta', 0), vector('mean', 0), vector('variance', 1)],
    { epsilon: { float: op.epsilon } },
  );
};

function scaleAndShift(context: LoweringContext<'batchNorm'>): string {
  const { writer, op, inputs } = context;
  const { array: variance } = context.weight('variance');
  const optional = (role: string): NdArray | null =>
    context.hasWeight(role) ? context.weight(role).array : null;
  const [gamma, beta] = [optional('gamma'), optional('beta')];
  const { array: mean } = context.weight('mean');
  const scales = (): Float32Array => batchNormScale(gamma?.data ?? null, variance.data, op.epsilon);
  const shifts = (): Float32Array => {
    // Read once, because an array may compute its values on every access.
    const [shift, centre] = [beta?.data, mean.data];
    return scales().map((scale, i) => (shift?.[i] ?? 0) - centre[i]! * scale);
  };
  const vector = (what: string, values: () => Float32Array): string =>
    writer.once(`${what} by ${nameScale(context.node, op.epsilon)}`, () =>
      writer.weights(lazyArray(variance.shape, values)),
    );
  const scaled = writer.add('Mul', [inputs[0]!, vector('scale', scales)]);
  return writer.add('Add', [scaled, vector('shift', shifts)]);
}

export const lowerBatchNormAdjoint: Lowering<'batchNormAdjoint'> = (context) => {
  const { writer, op, inputs } = context;
  const { array } = context.weight('variance');
  const gamma = context.hasWeight('gamma') ? context.weight('gamma').array : null;
  const shape = context.overLast(countElements(array.shape));
  const by = nameScale(context.node, op.epsilon);
  const scale = writer.once(`scale by ${by} as ${shape.join()}`, () =>
    writer.weights(
      lazyArray(shape, () => batchNormScale(gamma?.data ?? null, array.data, op.epsilon)),
    ),
  );
  return writer.add('Mul', [inputs[0]!, scale]);
};

export const lowerChannelScale: Lowering<'channelScale'> = (context) => {
  const { writer, inputs } = context;
  const overChannels = (role: string): string => {
    const { name, array } = context.weight(role);
    const shape = context.overLast(countElements(array.shape));
    return writer.once(`${name} as ${shape.join()}`, () => writer.weights(reshaped(array, shape)));
  };
  const [x] = inputs as [string];
  const scaled = context.hasWeight('scale') ? writer.add('Mul', [x, overChannels('scale')]) : x;
  if (context.hasWeight('bias')) return writer.add('Add', [scaled, overChannels('bias')]);
  return context.hasWeight('scale') ? scaled : writer.add('Identity', [x]);
};

/**
 * A reshape counts elements in the Network's own order, with channels last. A result of a single cell is
 * stored with its channels first at once, because it is usually about to scale the channels of an image.
 */
export const lowerReshape: Lowering<'reshape'> = (context) => {
  const { writer, node } = context;
  const from = context.inputShape(0);
  const stored = context.stored(0);
  const value = isOneOrder(from) ? stored.name : toOrder(writer, stored, from, 'plain');
  const isCell = isOneOrder(node.shape);
  const [height = 1, width = 1, channels = 1] = node.shape;
  if (from.length === 1 && stored.cell !== undefined && height * width === 1) {
    return { ...stored.cell, order: 'channelsFirst' };
  }
  const target = isCell ? [channels, height, width] : node.shape;
  const name = writer.add('Reshape', [value, writer.integers([0, ...target])]);
  if (isCell) return { name, order: 'channelsFirst' };
  const isFlattened = node.shape.length === 1 && from[0] === 1 && from[1] === 1;
  if (isFlattened && stored.order === 'channelsFirst') {
    return { name, order: 'plain', cell: stored };
  }
  return { name, order: 'plain' };
};

/**
 * ONNX Runtime makes zeros around an image the padding of the max pool that follows (its PadFusion, from 1.17
 * on, pull request 18136). Padding never is the maximum, but a zero is where all other values are negative.
 * The least positive normal number is as good as a zero, and is left where it is.
 */
const ALMOST_ZERO = 2 ** -126;

export const lowerPad: Lowering<'pad'> = (context) => {
  const { writer, inputs } = context;
  const value = context.meetsMaxPool() ? [scalar(writer, ALMOST_ZERO)] : [];
  return writer.add('Pad', [inputs[0]!, padsOf(context), ...value]);
};

export const lowerPadWith: Lowering<'padWith'> = (context) => {
  const { writer, inputs, op } = context;
  return writer.add('Pad', [inputs[0]!, padsOf(context), scalar(writer, op.value)]);
};

function padsOf({
  writer,
  op,
  order,
}: LoweringContext<'pad'> | LoweringContext<'padWith'>): string {
  const { top, bottom, left, right } = op.padding;
  return writer.integers(
    order === 'plain'
      ? [0, top, left, 0, 0, bottom, right, 0]
      : [0, 0, top, left, 0, 0, bottom, right],
  );
}

export const lowerCrop: Lowering<'crop'> = (context) => {
  const { writer, op, inputs, node, axis } = context;
  const [height = 1, width = 1] = node.shape;
  const { top, left } = op.padding;
  return writer.add('Slice', [
    inputs[0]!,
    writer.integers([top, left]),
    writer.integers([top + height, left + width]),
    writer.integers([axis(0), axis(1)]),
  ]);
};

/**
 * Where the value already has the permuted order in the graph, only its stated order changes and nothing is
 * moved.
 */
export const lowerPermute: Lowering<'permute'> = (context) => {
  const { writer, op } = context;
  const { name, order } = context.stored(0);
  const axes = op.dims.map((axis) => graphAxis(axis, order));
  const isInPlace = (list: readonly number[]): boolean => list.every((axis, i) => axis === i + 1);
  if (isInPlace(axes)) return { name, order: 'plain' };
  const [height, width, channels] = axes;
  if (axes.length === 3 && isInPlace([channels!, height!, width!])) {
    return { name, order: 'channelsFirst' };
  }
  return { name: writer.add('Transpose', [name], { perm: [0, ...axes] }), order: 'plain' };
};

export const lowerAffine: Lowering<'affine'> = ({ writer, op, inputs, overLast }) => {
  const constant = (values: readonly number[]): string => {
    if (values.length === 1) return scalar(writer, values[0]!);
    return writer.floats(Float32Array.from(values), overLast(values.length));
  };
  const scaled = writer.add('Mul', [inputs[0]!, constant(op.scale)]);
  return op.offset.every((value) => value === 0)
    ? scaled
    : writer.add('Add', [scaled, constant(op.offset)]);
};
