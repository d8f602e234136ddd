import { countElements, lazyArray } from '../../array/nd-array.ts';
import { batchNormScale } from '../fold-scales.ts';
import type { GraphWriter } from '../graph-writer.ts';
import { scalar, toOnnxAxis, type Lowering, type LoweringContext } from './lowering.ts';

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

export const lowerSoftmax: Lowering<'softmax'> = ({ writer, inputs, node }) =>
  writer.add('Softmax', [inputs[0]!], { axis: lastAxis(node.shape) });

export const lowerSoftmaxGradient: Lowering<'softmaxGradient'> = ({ writer, inputs, node }) => {
  const [upstream, output] = inputs as [string, string];
  const weighted = writer.add('Mul', [upstream, output]);
  const axis = writer.integers([lastAxis(node.shape)]);
  const sum = writer.add('ReduceSum', [weighted, axis], { keepdims: 1 });
  return writer.add('Sub', [weighted, writer.add('Mul', [output, sum])]);
};

export const lowerSigmoid: Lowering<'sigmoid'> = ({ writer, inputs }) =>
  writer.add('Sigmoid', [inputs[0]!]);

export const lowerSigmoidGradient: Lowering<'sigmoidGradient'> = ({ writer, inputs }) => {
  const [upstream, output] = inputs as [string, string];
  const slope = writer.add('Mul', [output, writer.add('Sub', [scalar(writer, 1), output])]);
  return writer.add('Mul', [upstream, slope]);
};

export const lowerBatchNorm: Lowering<'batchNorm'> = (context) => {
  const { writer, op, inputs, node } = context;
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

export const lowerBatchNormAdjoint: Lowering<'batchNormAdjoint'> = (context) => {
  const { writer, op, inputs, node } = context;
  const { name, array } = context.weight('variance');
  const gamma = context.hasWeight('gamma') ? context.weight('gamma').array : null;
  const channels = countElements(array.shape);
  const scale = writer.once(`scale by ${name}`, () =>
    writer.weights(
      lazyArray(node.shape.length === 3 ? [channels, 1, 1] : [channels], () =>
        batchNormScale(gamma?.data ?? null, array.data, op.epsilon),
      ),
    ),
  );
  return writer.add('Mul', [inputs[0]!, scale]);
};

export const lowerChannelScale: Lowering<'channelScale'> = (context) => {
  const { writer, inputs, node } = context;
  const overChannels = (role: string): string => {
    const { name, array } = context.weight(role);
    const channels = array.data.length;
    return writer.once(`${name} over channels`, () =>
      writer.floats(array.data, node.shape.length === 3 ? [channels, 1, 1] : [channels]),
    );
  };
  const [x] = inputs as [string];
  const scaled = context.hasWeight('scale') ? writer.add('Mul', [x, overChannels('scale')]) : x;
  if (context.hasWeight('bias')) return writer.add('Add', [scaled, overChannels('bias')]);
  return context.hasWeight('scale') ? scaled : writer.add('Identity', [x]);
};

export const lowerDense: Lowering<'dense'> = (context) => {
  const { writer, node } = context;
  const x = toNhwc(writer, context.inputs[0]!, context.inputShape(0));
  const product = writer.add('MatMul', [x, denseKernel(context)]);
  if (!context.hasWeight('bias')) return fromNhwc(writer, product, node.shape);
  const { name, array } = context.weight('bias');
  const bias = writer.once(name, () => writer.weights(array));
  return fromNhwc(writer, writer.add('Add', [product, bias]), node.shape);
};

/** With the kernel of the forward run, so that it is stored once. */
export const lowerDenseAdjoint: Lowering<'denseAdjoint'> = (context) => {
  const { writer, node } = context;
  const from = context.inputShape(0);
  const upstream = toNhwc(writer, context.inputs[0]!, from);
  const rows = writer.add('Reshape', [upstream, writer.integers([-1, from.at(-1) ?? 1])]);
  const product = writer.add('Gemm', [rows, denseKernel(context)], { transB: 1 });
  const shaped = writer.add('Reshape', [product, writer.integers([-1, ...node.shape])]);
  return fromNhwc(writer, shaped, node.shape);
};

function denseKernel(
  context: Pick<LoweringContext, 'writer' | 'weight' | 'mappedWeight' | 'node'>,
): string {
  const { writer, node } = context;
  const mapped = context.mappedWeight('kernel');
  if (mapped !== null) {
    return writer.once(node.weights['kernel']!, () => writer.mapped(mapped.range, mapped.shape));
  }
  const { name, array } = context.weight('kernel');
  return writer.once(name, () => writer.weights(array));
}

/** The Network's element order is that of [height, width, channels]. */
export const lowerReshape: Lowering<'reshape'> = (context) => {
  const { writer, node, inputs } = context;
  const from = context.inputShape(0);
  const value = toNhwc(writer, inputs[0]!, from);
  const reshaped = writer.add('Reshape', [value, writer.integers([-1, ...node.shape])]);
  return fromNhwc(writer, reshaped, node.shape);
};

export const lowerPad: Lowering<'pad'> = ({ writer, op, inputs }) => {
  const { top, bottom, left, right } = op.padding;
  return writer.add('Pad', [inputs[0]!, writer.integers([0, 0, top, left, 0, 0, bottom, right])]);
};

export const lowerCrop: Lowering<'crop'> = (context) => {
  const { writer, op, inputs, node } = context;
  const [height = 1, width = 1] = node.shape;
  const { top, left } = op.padding;
  return writer.add('Slice', [
    inputs[0]!,
    writer.integers([top, left]),
    writer.integers([top + height, left + width]),
    writer.integers([2, 3]),
  ]);
};

export const lowerPermute: Lowering<'permute'> = (context) => {
  const { writer, node, op, inputs } = context;
  const value = toNhwc(writer, inputs[0]!, context.inputShape(0));
  const moved = writer.add('Transpose', [value], { perm: [0, ...op.dims.map((axis) => axis + 1)] });
  return fromNhwc(writer, moved, node.shape);
};

export const lowerAffine: Lowering<'affine'> = ({ writer, op, inputs, node }) => {
  const constant = (values: readonly number[]): string => {
    if (values.length === 1) return scalar(writer, values[0]!);
    const isImage = node.shape.length === 3;
    return writer.floats(
      Float32Array.from(values),
      isImage ? [values.length, 1, 1] : [values.length],
    );
  };
  const scaled = writer.add('Mul', [inputs[0]!, constant(op.scale)]);
  return op.offset.every((value) => value === 0)
    ? scaled
    : writer.add('Add', [scaled, constant(op.offset)]);
};

/** The Network's last axis in the graph: the channels. */
function lastAxis(shape: readonly number[]): number {
  return toOnnxAxis(shape.length - 1, shape.length);
}

/** An image in the order of the Network; other values as they are. */
export function toNhwc(writer: GraphWriter, value: string, shape: readonly number[]): string {
  if (shape.length !== 3) return value;
  // A single cell or a single channel has one order only.
  if (shape[0] === 1 && shape[1] === 1) {
    return writer.add('Reshape', [value, writer.integers([-1, ...shape])]);
  }
  return writer.add('Transpose', [value], { perm: [0, 2, 3, 1] });
}

/** An image in the order of the ONNX graph; other values as they are. */
export function fromNhwc(writer: GraphWriter, value: string, shape: readonly number[]): string {
  if (shape.length !== 3) return value;
  const [height = 1, width = 1, channels = 1] = shape;
  if (countElements([height, width]) === 1) {
    return writer.add('Reshape', [value, writer.integers([-1, channels, 1, 1])]);
  }
  return writer.add('Transpose', [value], { perm: [0, 3, 1, 2] });
}
