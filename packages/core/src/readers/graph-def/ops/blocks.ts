import { reshapeValue, transposeValue } from '../../graph/layout.ts';
import type { NodeValue } from '../../graph/value.ts';
import type { GradcamError } from '../../../base/errors.ts';
import { contradictory, type DefCall, type TranslateDef, valueAt } from '../def-call.ts';
import { isFirst } from './images.ts';

/** Ops that exchange blocks of channels for blocks of cells. */

/** Moves blocks of an image. Its channels are the last axis, or the second where `data_format` says so. */
const asImages =
  (move: (call: DefCall, value: NodeValue) => NodeValue): TranslateDef =>
  (call) => {
    const value = valueAt(call, 0);
    if (!isFirst(call)) return [move(call, value)];
    if (value.shape.length !== 4) throw misfit(call, value);
    return [transposeValue(move(call, transposeValue(value, [0, 2, 3, 1])), [0, 3, 1, 2])];
  };

/** Blocks of channels become blocks of cells. */
const depthToSpace = asImages((call, value) => {
  const { builder } = call;
  const [size, each] = blocksOf(call, value, true);
  const [items = 1, height = 1, width = 1] = value.shape;
  const parted = reshapeValue(builder, value, [items, height, width, size, size, each]);
  const moved = transposeValue(parted, [0, 1, 3, 2, 4, 5]);
  return asImage(reshapeValue(builder, moved, [items, height * size, width * size, each]));
});

const spaceToDepth = asImages((call, value) => {
  const { builder } = call;
  const [size, joined] = blocksOf(call, value, false);
  const [items = 1, height = 1, width = 1, channels = 1] = value.shape;
  const [rows, columns] = [height / size, width / size];
  const parted = reshapeValue(builder, value, [items, rows, size, columns, size, channels]);
  const moved = transposeValue(parted, [0, 1, 3, 2, 4, 5]);
  return asImage(reshapeValue(builder, moved, [items, rows, columns, joined]));
});

function asImage(value: NodeValue): NodeValue {
  return { ...value, channels: 3 };
}

/** The length of a block's side in cells, and the number of channels of the result. */
function blocksOf(call: DefCall, value: NodeValue, isToSpace: boolean): [number, number] {
  const size = call.attributes.integer('block_size', 1);
  const { shape } = value;
  const [, height = 1, width = 1, channels = 1] = shape;
  const area = size * size;
  const fits = isToSpace ? channels % area === 0 : height % size === 0 && width % size === 0;
  if (shape.length !== 4 || size < 1 || !fits) throw misfit(call, value);
  return [size, isToSpace ? channels / area : channels * area];
}

function misfit(call: DefCall, { shape }: NodeValue): GradcamError {
  const size = call.attributes.integer('block_size', 1);
  return contradictory(call, `blocks of ${size} of a value [${shape.join(', ')}]`);
}

export const blockOps: Readonly<Record<string, TranslateDef>> = {
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
