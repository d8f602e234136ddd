import { reshapeValue, transposeValue } from '../../graph/layout.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  contradictory,
  type DefCall,
  type TranslateDef,
  unsupported,
  valueAt,
} from '../def-call.ts';

/** Ops that exchange blocks of channels for blocks of cells. */

/** Blocks of channels become blocks of cells; channels are the last axis. */
const depthToSpace: TranslateDef = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const [size, each] = blocksOf(call, value, true);
  const [items = 1, height = 1, width = 1] = value.shape;
  const parted = reshapeValue(builder, value, [items, height, width, size, size, each]);
  const moved = transposeValue(parted, [0, 1, 3, 2, 4, 5]);
  return [asImage(reshapeValue(builder, moved, [items, height * size, width * size, each]))];
};

const spaceToDepth: TranslateDef = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const [size, joined] = blocksOf(call, value, false);
  const [items = 1, height = 1, width = 1, channels = 1] = value.shape;
  const [rows, columns] = [height / size, width / size];
  const parted = reshapeValue(builder, value, [items, rows, size, columns, size, channels]);
  const moved = transposeValue(parted, [0, 1, 3, 2, 4, 5]);
  return [asImage(reshapeValue(builder, moved, [items, rows, columns, joined]))];
};

function asImage(value: NodeValue): NodeValue {
  return { ...value, channels: 3 };
}

/** The length of a block's side in cells, and the number of channels of the result. */
function blocksOf(call: DefCall, { shape }: NodeValue, isToSpace: boolean): [number, number] {
  const size = call.attributes.integer('block_size', 1);
  const [, height = 1, width = 1, channels = 1] = shape;
  const area = size * size;
  const fits = isToSpace ? channels % area === 0 : height % size === 0 && width % size === 0;
  if (shape.length !== 4 || size < 1 || !fits) {
    throw contradictory(call, `blocks of ${size} of a value [${shape.join(', ')}]`);
  }
  if (call.attributes.text('data_format', 'NHWC') !== 'NHWC') {
    throw unsupported(call, 'channels before rows are not supported');
  }
  return [size, isToSpace ? channels / area : channels * area];
}

export const blockOps: Readonly<Record<string, TranslateDef>> = {
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
