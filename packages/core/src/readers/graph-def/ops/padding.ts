import { isPadded, noPadding } from '../../../network/op.ts';
import { integerConstant } from '../../graph/constant.ts';
import { arrange } from '../../graph/layout.ts';
import { pickPlaces, placesAround } from '../../graph/pick-places.ts';
import type { NodeValue, Value } from '../../graph/value.ts';
import { translatePad } from '../../onnx-file/ops/padding.ts';
import {
  asInOnnx,
  contradictory,
  type DefCall,
  integersAt,
  numberAt,
  type TranslateDef,
  unsupported,
  valueAt,
} from '../def-call.ts';

/** Ops that put cells around a value. */

/** Puts cells around the rows and columns of an image, or around other axes where the fill is 0. */
const pad: TranslateDef = (call) => {
  const { builder } = call;
  const value = valueAt(call, 0);
  const { pads, rank } = padsOf(call, value);
  const fill = call.op === 'PadV2' ? numberAt(call, 2, 'value') : 0;
  if (pads.every((cells) => cells === 0)) return [value];
  const padded = value.shape.map((size, axis) => size + pads[2 * axis]! + pads[2 * axis + 1]!);
  const changed = padded.flatMap((size, axis) => (size === value.shape[axis] ? [] : [axis]));
  const isChannels = value.channels !== null && changed.includes(value.channels);
  const isImage =
    rank === 4 && value.order.length === 3 && changed.every((axis) => axis !== value.batch);
  // An image whose channels are padded is treated like any other value.
  const last = isChannels ? null : (value.channels ?? rank - 1);
  if (!isImage || changed.length > 2 || last === null || changed.includes(last)) {
    return padAnyAxis(call, value, pads, fill);
  }
  const [rows, columns] = [1, 2, 3].filter((axis) => axis !== last) as [number, number];
  const order = [rows, columns, last];
  const padding = {
    ...noPadding,
    top: pads[2 * rows]!,
    bottom: pads[2 * rows + 1]!,
    left: pads[2 * columns]!,
    right: pads[2 * columns + 1]!,
  };
  if (!isPadded(padding)) return [value];
  // Before a max pool, files often pad with the least number or with -Infinity.
  const bounded = Math.min(Math.max(fill, -LARGEST), LARGEST);
  const op =
    fill === 0
      ? ({ kind: 'pad', padding } as const)
      : ({ kind: 'padWith', padding, value: bounded } as const);
  const node = builder.emit(
    op,
    [arrange(builder, value, order)],
    order.map((axis) => padded[axis]!),
  );
  return [{ ...value, order, shape: padded, node }];
};

/** Cells before and after each axis, one after the other. */
function padsOf(call: DefCall, { shape }: NodeValue): { pads: readonly number[]; rank: number } {
  const pads = integersAt(call, 1, 'paddings');
  const rank = shape.length;
  if (pads.length === 2 * rank && pads.every((cells) => cells >= 0)) return { pads, rank };
  throw contradictory(call, `paddings [${pads.join(', ')}] for ${rank} axes`);
}

/** Other axes are padded around a value that is shifted by the number, which costs digits of a large one. */
const MOST_SHIFT = 100;

/** The largest float32. */
const LARGEST = 3.4028234663852886e38;

function padAnyAxis(
  call: DefCall,
  value: NodeValue,
  pads: readonly number[],
  fill: number,
): readonly Value[] {
  if (!(Math.abs(fill) <= MOST_SHIFT))
    throw unsupported(
      call,
      `padding axes other than rows and columns with ${fill} is not supported; numbers from -${MOST_SHIFT} to ${MOST_SHIFT} are`,
    );
  const rank = value.shape.length;
  const inOrder = [0, 1].flatMap((side) =>
    Array.from({ length: rank }, (_, axis) => pads[2 * axis + side]!),
  );
  const padding = integerConstant(`${call.name} (pads)`, inOrder);
  const filling = call.inputs.slice(2, 3);
  return asInOnnx(translatePad, call, [value, padding, ...filling]);
}

/** Mirrors a value at its ends: `REFLECT` without the last place, `SYMMETRIC` with it. */
const mirror: TranslateDef = (call) => {
  const given = valueAt(call, 0);
  const stated = call.attributes.text('mode', '');
  const mode = ({ REFLECT: 'reflect', SYMMETRIC: 'symmetric' } as const)[stated];
  if (mode === undefined) {
    throw unsupported(call, `mode '${stated}' is not supported; REFLECT and SYMMETRIC are`);
  }
  const { pads } = padsOf(call, given);
  return [
    given.shape.reduce((value, size, axis) => {
      const [before, after] = [pads[2 * axis]!, pads[2 * axis + 1]!];
      if (before === 0 && after === 0) return value;
      if (axis === given.batch) throw unsupported(call, 'it pads the batch');
      const most = mode === 'reflect' ? size - 1 : size;
      if (before > most || after > most) {
        throw contradictory(
          call,
          `paddings ${before} and ${after} of an axis of ${size}; at most ${most} places can be mirrored`,
        );
      }
      return pickPlaces(call.builder, value, axis, placesAround(mode, size, before, after));
    }, given),
  ];
};

export const paddingOps: Readonly<Record<string, TranslateDef>> = {
  Pad: pad,
  PadV2: pad,
  MirrorPad: mirror,
};
