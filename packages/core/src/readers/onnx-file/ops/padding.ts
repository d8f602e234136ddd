import { noPadding } from '../../../network/op.ts';
import { cutValue, padValue } from '../../graph/cut-value.ts';
import { onlyNumber } from '../../graph/constant.ts';
import { arrange, imageOrder } from '../../graph/layout.ts';
import { pickPlaces, placesAround, type EdgeMode } from '../../graph/pick-places.ts';
import { scalarAffine } from '../../graph/scalar-affine.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  axisOf,
  constantAt,
  contradictory,
  integersAt,
  requireConstant,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';

/** `Pad`: puts a number, or values of the input, around the input; a negative pad cuts places off. */

/** Pads of one axis. */
interface AxisPads {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
}

/** Numbers up to here are added to a value and taken away again without a loss that would be seen. */
const MOST_SHIFT = 100;

/** Places of an axis that are listed one by one, which takes 8 MiB. */
const MOST_PLACES = 2 ** 20;

/** The largest float32. */
const LARGEST = 3.4028234663852886e38;

const modes: ReadonlySet<string> = new Set<EdgeMode>(['edge', 'reflect', 'wrap']);

export const translatePad: Translate = (call) => {
  const { attributes, builder } = call;
  const mode = attributes.text('mode', 'constant');
  const given = valueAt(call, 0);
  const filling = constantAt(call, 2, 'value');
  const fill = filling === null ? attributes.float('value', 0) : (onlyNumber(filling) ?? NaN);
  const pads = readPads(call, given);
  let value = given;
  for (const { axis, before, after } of pads) {
    const [first, last] = [Math.max(0, -before), Math.max(0, -after)];
    const length = value.shape[axis]! - first - last;
    if (length < 1) throw contradictory(call, `its pads leave nothing of axis ${axis}`);
    value = cutValue(builder, value, axis, { start: first, step: 1, length });
  }
  const wider = pads
    .map(({ axis, before, after }) => ({
      axis,
      before: Math.max(0, before),
      after: Math.max(0, after),
    }))
    .filter(({ before, after }) => before + after > 0);
  if (wider.length === 0) return [value];
  if (mode === 'constant') return [fillAround(call, value, wider, fill)];
  if (!modes.has(mode)) {
    throw unsupported(
      call,
      `mode '${mode}' is not supported; constant, edge, reflect and wrap are`,
    );
  }
  for (const { axis, before, after } of wider) {
    if (axis === value.batch) throw unsupported(call, 'it pads the batch');
    const size = value.shape[axis]!;
    if (!(before + size + after <= MOST_PLACES)) {
      const found = `axis ${axis} of ${size} with pads ${before} and ${after}`;
      throw contradictory(
        call,
        `${found}; its output would have shape above the limit of ${MOST_PLACES} there`,
      );
    }
    const places = placesAround(mode as EdgeMode, size, before, after);
    value = pickPlaces(builder, value, axis, places);
  }
  return [value];
};

function readPads(call: OnnxCall, { shape }: NodeValue): readonly AxisPads[] {
  const pads = integersAt(call, 1, 'pads') ?? call.attributes.integers('paddings') ?? [];
  const stated = call.inputs[3] ? Array.from(requireConstant(call, 3, 'axes').values()) : null;
  const axes = (stated ?? shape.map((_, axis) => axis)).map((axis) =>
    axisOf(call, axis, shape.length),
  );
  if (pads.length !== 2 * axes.length) {
    throw contradictory(call, `pads [${pads.join(', ')}] for ${axes.length} axes`);
  }
  return axes.map((axis, i) => ({ axis, before: pads[i]!, after: pads[i + axes.length]! }));
}

function fillAround(
  call: OnnxCall,
  given: NodeValue,
  pads: readonly AxisPads[],
  fill: number,
): NodeValue {
  const { builder } = call;
  if (Math.abs(fill) <= MOST_SHIFT) {
    // Zeros around what is lowered by the number, and then raised again.
    let value = scalarAffine(builder, given, 1, -fill);
    for (const { axis, before, after } of pads) {
      value = padValue(builder, value, axis, before, after);
    }
    return scalarAffine(builder, value, 1, fill);
  }
  const isImage =
    given.shape.length === 4 && given.batch === 0 && pads.every(({ axis }) => axis > 1);
  if (Number.isNaN(fill) || !isImage) {
    throw unsupported(
      call,
      `padding with ${fill} is supported of the rows and columns of an image only`,
    );
  }
  // What a max pool must not choose is often the least number, or below all numbers.
  const value = Math.min(Math.max(fill, -LARGEST), LARGEST);
  const [rows, columns] = [2, 3].map((axis) => pads.find((one) => one.axis === axis));
  const padding = {
    ...noPadding,
    ...(rows === undefined ? {} : { top: rows.before, bottom: rows.after }),
    ...(columns === undefined ? {} : { left: columns.before, right: columns.after }),
  };
  const shape = given.shape.map((size, axis) => {
    const found = pads.find((one) => one.axis === axis);
    return found === undefined ? size : size + found.before + found.after;
  });
  const from = arrange(builder, given, imageOrder);
  const stored = imageOrder.map((axis) => shape[axis]!);
  const node = builder.emit({ kind: 'padWith', padding, value }, [from], stored);
  return { ...given, shape, order: imageOrder, node };
}
