import { reshapeValue, transposeValue } from '../../graph/layout.ts';
import { contradictory, type Translate, valueAt } from '../onnx-call.ts';

/** Operators that exchange blocks of channels for blocks of cells. */

/** Blocks of channels become blocks of cells. In mode CRD, the cells of a block are neighbouring channels. */
const translateDepthToSpace: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const size = call.attributes.integer('blocksize', 1);
  const mode = call.attributes.text('mode', 'DCR');
  const [items = 1, channels = 1, height = 1, width = 1] = value.shape;
  const each = channels / (size * size);
  if (value.shape.length !== 4 || !Number.isInteger(each)) {
    throw contradictory(call, `blocks of ${size} of a value [${value.shape.join(', ')}]`);
  }
  const isCrd = mode === 'CRD';
  const split = isCrd
    ? [items, each, size, size, height, width]
    : [items, size, size, each, height, width];
  const axes = isCrd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  const moved = transposeValue(reshapeValue(builder, value, split), axes);
  return [reshapeValue(builder, moved, [items, each, height * size, width * size])];
};

const translateSpaceToDepth: Translate = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const size = call.attributes.integer('blocksize', 1);
  const [items = 1, channels = 1, height = 1, width = 1] = value.shape;
  if (value.shape.length !== 4 || height % size !== 0 || width % size !== 0) {
    throw contradictory(call, `blocks of ${size} of a value [${value.shape.join(', ')}]`);
  }
  const [rows, columns] = [height / size, width / size];
  const split = [items, channels, rows, size, columns, size];
  const moved = transposeValue(reshapeValue(builder, value, split), [0, 3, 5, 1, 2, 4]);
  return [reshapeValue(builder, moved, [items, channels * size * size, rows, columns])];
};

export const blockTranslators: Readonly<Record<string, Translate>> = {
  DepthToSpace: translateDepthToSpace,
  SpaceToDepth: translateSpaceToDepth,
};
