import { filledConstant } from '../graph/fold/fill.ts';
import { constantInput, type Fold, type FoldTable } from '../graph/fold/fold-node.ts';
import { concatenateConstants, expandConstant, tileConstant } from '../graph/fold/rearrange.ts';
import { broadcastShapes } from '../graph/fold/shapes.ts';
import { checkStatedShape } from '../graph/new-shapes.ts';
import { contradictory, integersAt, numberAt, type DefCall } from './def-call.ts';

/** Folds that make a constant larger, as detectors compute their grids of anchors. */

const statedShape = (call: DefCall, role: string): readonly number[] => {
  const sizes = integersAt(call, 1, role);
  checkStatedShape(call, sizes);
  return sizes;
};

const broadcast: Fold<DefCall> = (call) => {
  const x = constantInput(call, 0);
  const shape = broadcastShapes(x.shape, statedShape(call, 'shape'));
  if (shape === null) throw contradictory(call, 'its shape does not fit');
  return expandConstant(x, call.name, shape);
};

const tile: Fold<DefCall> = (call) =>
  tileConstant(call, constantInput(call, 0), statedShape(call, 'multiples'));

/** Puts cells of one number before and behind each axis, as the last input but the fill states. */
const pad: Fold<DefCall> = (call) => {
  const fill = call.op === 'PadV2' ? numberAt(call, 2, 'value') : 0;
  const counts = integersAt(call, 1, 'cells');
  const x = constantInput(call, 0);
  if (counts.length !== 2 * x.shape.length || counts.some((count) => count < 0)) {
    throw contradictory(call, `cells [${counts.join(', ')}] around [${x.shape.join(', ')}]`);
  }
  return x.shape.reduce((wide, _, axis) => {
    const parts = [counts[2 * axis]!, counts[2 * axis + 1]!].map((count) => {
      const shape = wide.shape.map((size, one) => (one === axis ? count : size));
      return filledConstant(call, wide.element, shape, fill);
    });
    return concatenateConstants(call, [parts[0]!, wide, parts[1]!], axis);
  }, x);
};

/** By TensorFlow's names of ops. */
export const growingFolds: FoldTable<DefCall> = {
  BroadcastTo: broadcast,
  Pad: pad,
  PadV2: pad,
  Tile: tile,
};
