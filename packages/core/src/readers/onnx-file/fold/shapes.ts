import { countElements } from '../../../base/nd-array.ts';
import {
  integerConstant,
  onlyNumber,
  reshapeConstant,
  type Constant,
} from '../../graph/constant.ts';
import { filledConstant, rangeConstant } from '../../graph/fold/fill.ts';
import { constantInput, type Fold, type FoldTable } from '../../graph/fold/fold-node.ts';
import { expandConstant, tileConstant, transposeConstant } from '../../graph/fold/rearrange.ts';
import { broadcastShapes } from '../../graph/fold/shapes.ts';
import {
  checkOrder,
  checkStatedShape,
  squeezedAxes,
  unsqueezedShape,
} from '../../graph/new-shapes.ts';
import { decodeTensor } from '../decode-tensor.ts';
import { contradictory, integersAt, type OnnxCall } from '../onnx-call.ts';
import { readFlatShape, readNewShape } from '../shape-rules.ts';

/** Folds that read, change or fill shapes. */

const reshape =
  (shapeOf: (call: OnnxCall, from: readonly number[]) => readonly number[]): Fold<OnnxCall> =>
  (call) => {
    const x = constantInput(call, 0);
    return reshapeConstant(x, x.name, shapeOf(call, x.shape));
  };

const squeeze = reshape((call, from) => {
  const dropped = squeezedAxes(call, from, integersAt(call, 1, 'axes'), null);
  return from.filter((_, axis) => !dropped.has(axis));
});

const unsqueeze = reshape((call, from) =>
  unsqueezedShape(call, from, integersAt(call, 1, 'axes') ?? []),
);

const transpose: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const rank = x.shape.length;
  const order = call.attributes.integers('perm') ?? x.shape.map((_, axis) => rank - 1 - axis);
  checkOrder(call, order, x.shape);
  return transposeConstant(x, call.name, order);
};

function statedShape(call: OnnxCall, index: number): readonly number[] {
  const sizes = Array.from(constantInput(call, index).values());
  checkStatedShape(call, sizes);
  return sizes;
}

const expand: Fold<OnnxCall> = (call) => {
  const x = constantInput(call, 0);
  const shape = broadcastShapes(x.shape, statedShape(call, 1));
  if (shape === null) throw contradictory(call, 'its shape does not fit');
  return expandConstant(x, call.name, shape);
};

const tile: Fold<OnnxCall> = (call) =>
  tileConstant(call, constantInput(call, 0), statedShape(call, 1));

const constantOfShape: Fold<OnnxCall> = (call) => {
  const { tensor } = call.attributes.raw('value') ?? {};
  const filling = tensor === undefined ? null : decodeTensor(tensor, new Map(), call.title);
  const value = filling === null ? 0 : (onlyNumber(filling) ?? 0);
  return filledConstant(call, filling?.element ?? 'float', statedShape(call, 0), value);
};

const range: Fold<OnnxCall> = (call) => {
  const numberAt = (index: number): number => onlyNumber(constantInput(call, index)) ?? NaN;
  const numbers = { start: numberAt(0), limit: numberAt(1), step: numberAt(2) };
  return rangeConstant(call, constantInput(call, 0).element, numbers);
};

const shapeOf: Fold<OnnxCall> = (call) => {
  const { shape } = constantInput(call, 0);
  const end = call.attributes.integer('end', shape.length);
  return integerConstant(call.name, shape.slice(call.attributes.integer('start', 0), end));
};

const sizeOf = (call: OnnxCall): Constant =>
  integerConstant(call.name, [countElements(constantInput(call, 0).shape)], []);

export const shapeFolds: FoldTable<OnnxCall> = {
  Shape: shapeOf,
  Size: sizeOf,
  Reshape: reshape(readNewShape),
  Flatten: reshape(readFlatShape),
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Transpose: transpose,
  Expand: expand,
  Tile: tile,
  ConstantOfShape: constantOfShape,
  Range: range,
};
