import { countWindowSteps } from '../../../network/padding.ts';
import { isPadded, type OutputSize, type Window } from '../../../network/op.ts';
import { enterBlocks, scaleInBlocks, spreadInBlocks, staysInBlocks } from './blocks.ts';
import { scalar, toPads, type Lowering, type LoweringContext } from './lowering.ts';
import { windowAttributes } from './pooling.ts';
import { spreadCells } from './spread-cells.ts';
import type { StoredValue } from './stored-order.ts';

/**
 * `MaxPool` returns the index of each maximum, the first in row-major order as in TensorFlow. Each gradient
 * goes to that index, and gradients that meet are summed.
 */
export const lowerMaxPoolGradient: Lowering<'maxPoolGradient'> = (context) => {
  const { writer, op, inputs, batch } = context;
  const [height = 1, width = 1, channels = 1] = context.inputShape(1);
  const [upstream, image] = inputs as [string, string];
  const [, indices] = writer.addMany('MaxPool', [image], 2, windowAttributes(op));
  const size = channels * height * width;
  const shape = writer.integers([batch ?? -1, channels, height, width]);
  if (batch === null) {
    return writer.add('Reshape', [scatterRows(context, upstream, indices!, size), shape]);
  }
  const areApart = op.size[0] <= op.strides[0] && op.size[1] <= op.strides[1];
  const spread = areApart
    ? writer.add('MaxUnpool', [upstream, indices!, shape], windowAttributes(op))
    : scatterAll(context, upstream, indices!, batch * size);
  return enterBlocks(context, writer.add('Reshape', [spread, shape]), channels);
};

/** Scatters into one long row for the whole batch, because the indices count through the whole batch. */
function scatterAll(
  { writer }: Pick<LoweringContext, 'writer'>,
  upstream: string,
  indices: string,
  size: number,
): string {
  const flatten = (value: string): string => writer.add('Reshape', [value, writer.integers([-1])]);
  const zeros = writer.add('Expand', [scalar(writer, 0), writer.integers([size])]);
  return writer.add('ScatterElements', [zeros, flatten(indices), flatten(upstream)], {
    axis: 0,
    reduction: 'add',
  });
}

/**
 * Scatters into one row for each item of the gradient. The indices count through the batch of the forward
 * pass; its size may differ, because several seeds share one image.
 */
function scatterRows(
  { writer }: Pick<LoweringContext, 'writer'>,
  upstream: string,
  indices: string,
  size: number,
): string {
  const flat = writer.add('Reshape', [upstream, writer.integers([0, -1])]);
  const flatIndices = writer.add('Reshape', [indices, writer.integers([0, -1])]);
  const within = writer.add('Mod', [flatIndices, writer.integers([size], [])]);
  const expanded = writer.add('Expand', [within, writer.add('Shape', [flat])]);
  const items = writer.add('Slice', [
    writer.add('Shape', [flat]),
    ...[[0], [1]].map((bound) => writer.integers(bound)),
  ]);
  const shape = writer.add('Concat', [items, writer.integers([size])], { axis: 0 });
  const zeros = writer.add('Expand', [scalar(writer, 0), shape]);
  return writer.add('ScatterElements', [zeros, expanded, flat], { axis: 1, reduction: 'add' });
}

/** Divides each window's gradient by its cells and spreads it by a transposed convolution with ones. */
export const lowerAveragePoolAdjoint: Lowering<'averagePoolAdjoint'> = (context) => {
  const { writer, op, inputs } = context;
  const [, , channels = 1] = context.inputShape(0);
  const isCell = op.size[0] === 1 && op.size[1] === 1 && !isPadded(op.padding);
  // With windows of one cell each gradient goes to the cell that it came from.
  if (isCell && context.batch !== null) {
    const spread = spreadCells(context, context.batch, [op.height, op.width], op.strides);
    return enterBlocks(context, spread, channels);
  }
  const counts = countCells(op);
  const share = writer.add('Div', [
    inputs[0]!,
    writer.floats(counts.values, [1, 1, counts.rows, counts.columns]),
  ]);
  const ones = new Float32Array(channels * op.size[0] * op.size[1]).fill(1);
  const kernel = writer.floats(ones, [channels, 1, ...op.size]);
  const { top, left, bottom, right } = op.padding;
  const rest = [
    (op.height + top + bottom - op.size[0]) % op.strides[0],
    (op.width + left + right - op.size[1]) % op.strides[1],
  ];
  return writer.add('ConvTranspose', [share, kernel], {
    kernel_shape: op.size,
    strides: op.strides,
    pads: toPads(op.padding),
    output_padding: rest,
    group: channels,
  });
};

export const lowerGlobalAveragePoolAdjoint: Lowering<'globalAveragePoolAdjoint'> = (context) => {
  const { writer, op, inputs, batch } = context;
  const [channels = 1] = context.inputShape(0);
  const { cell } = context.stored(0);
  const share = 1 / (op.height * op.width);
  const shape = [op.height, op.width, channels] as const;
  if (cell?.isBlocked === true) {
    const scaled = scaleInBlocks(writer, cell.name, channels, share);
    return inBlocks(spreadInBlocks(context, scaled, shape), scaled);
  }
  const scaled = writer.add('Mul', [inputs[0]!, scalar(writer, share)]);
  const image = writer.add('Reshape', [scaled, writer.integers([batch ?? 0, channels, 1, 1])]);
  if (staysInBlocks(context, channels)) {
    const entered = enterBlocks(context, image, channels);
    return inBlocks(spreadInBlocks(context, entered, shape), image);
  }
  const name = writer.add('Expand', [image, writer.integers([1, channels, op.height, op.width])]);
  return { name, order: 'channelsFirst', cell: { name: image } };
};

function inBlocks(name: string, cell: string): StoredValue {
  return { name, order: 'channelsFirst', isBlocked: true, cell: { name: cell } };
}

/** Cells that tie for the maximum share its gradient equally, as in TensorFlow. */
export const lowerGlobalMaxPoolGradient: Lowering<'globalMaxPoolGradient'> = (context) => {
  const { writer, inputs } = context;
  const [channels = 1] = context.inputShape(0);
  const cell = writer.integers([-1, channels, 1, 1]);
  const upstream = writer.add('Reshape', [inputs[0]!, cell]);
  const largest = writer.add('Reshape', [inputs[2]!, cell]);
  const isLargest = writer.add('Equal', [inputs[1]!, largest]);
  const mask = writer.add('Where', [isLargest, scalar(writer, 1), scalar(writer, 0)]);
  const count = writer.add('ReduceSum', [mask, writer.integers([2, 3])], { keepdims: 1 });
  return writer.add('Mul', [writer.add('Div', [upstream, count]), mask]);
};

/** How many cells each window holds, padding not counted. */
function countCells(op: Window & OutputSize): {
  rows: number;
  columns: number;
  values: Float32Array;
} {
  const window = { size: op.size, strides: op.strides, dilations: [1, 1] as const };
  const [rows, columns] = countWindowSteps([op.height, op.width], window, op.padding);
  const covered = (axis: 0 | 1, step: number): number => {
    const start = step * op.strides[axis] - (axis === 0 ? op.padding.top : op.padding.left);
    const limit = axis === 0 ? op.height : op.width;
    return Math.min(start + op.size[axis], limit) - Math.max(start, 0);
  };
  const values = Float32Array.from(
    { length: rows * columns },
    (_, i) => covered(0, Math.floor(i / columns)) * covered(1, i % columns),
  );
  return { rows, columns, values };
}
