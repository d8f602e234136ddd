import type { ResizeGrid } from '../../../network/op.ts';
import { multiplyAxis } from '../../graph/dense.ts';
import type { NodeValue } from '../../graph/value.ts';
import {
  constantAt,
  imageOf,
  imageValue,
  unsupported,
  valueAt,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';
import { OLD_NEAREST, placeOf, tapsOf, type ResizeRule } from '../resize-rule.ts';

/** `Resize`, which was called `Upsample` before opset 10. */
export const translateResize: Translate = (call) => {
  const value = valueAt(call, 0);
  const rule = readRule(call);
  const plan = readSizes(call, value.shape, rule);
  const changed = plan.filter(({ from, to }) => from !== to);
  if (changed.length === 0) return [value];
  const isImage =
    value.shape.length === 4 && value.shape[0] === 1 && changed.every(({ axis }) => axis > 1);
  if (isImage) {
    const found = asImageResize(call, value, plan, rule);
    if (found !== null) return [found];
  }
  let resized = value;
  for (const axis of changed) {
    if (axis.axis === value.batch) throw unsupported(call, 'resizing the batch is not supported');
    resized = resizeAxis(call, resized, axis, rule);
  }
  return [resized];
};

/** How one axis is resized. */
interface AxisPlan {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  /** The stated scale, or `to / from`. */
  readonly scale: number;
}

function readRule(call: OnnxCall): ResizeRule {
  const { attributes, type, opset } = call;
  const mode = attributes.text('mode', 'nearest');
  const isOld = type === 'Upsample' || opset < 11;
  const coordinates = isOld
    ? 'asymmetric'
    : attributes.text('coordinate_transformation_mode', 'half_pixel');
  const rule = {
    mode: mode === 'bilinear' ? 'linear' : mode,
    coordinates,
    nearest: isOld ? OLD_NEAREST : attributes.text('nearest_mode', 'round_prefer_floor'),
    sharpness: attributes.float('cubic_coeff_a', -0.75),
    leavesOut: attributes.flag('exclude_outside', false),
    antialias: attributes.flag('antialias', false),
  };
  attributes.ignore('extrapolation_value');
  if (attributes.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch') {
    throw unsupported(call, 'a size that keeps the aspect ratio is not supported');
  }
  const isKnown =
    ['nearest', 'linear', 'cubic'].includes(rule.mode) && placeOf(coordinates, 0, 2, 4, 2) !== null;
  if (!isKnown)
    throw unsupported(call, `mode '${mode}' with coordinates '${coordinates}' is not supported`);
  return rule;
}

function readSizes(
  call: OnnxCall,
  shape: readonly number[],
  { coordinates }: ResizeRule,
): AxisPlan[] {
  const { type, opset, attributes } = call;
  const isOld = type === 'Upsample' || opset < 11;
  const listed = (index: number, role: string): readonly number[] => {
    const constant = constantAt(call, index, role);
    return constant === null ? [] : Array.from(constant.values());
  };
  const stated = attributes.floats('scales');
  const scales = stated ?? listed(isOld ? 1 : 2, 'scales');
  const sizes = isOld ? [] : listed(3, 'sizes');
  if (!isOld && coordinates === 'tf_crop_and_resize')
    throw unsupported(call, 'cropping (tf_crop_and_resize) is not supported');
  const axes = attributes.integers('axes') ?? shape.map((_, axis) => axis);
  const given = sizes.length > 0 ? sizes : scales;
  if (given.length !== axes.length) {
    throw unsupported(call, `${given.length} sizes or scales for ${axes.length} axes`);
  }
  return axes.map((stated, i) => {
    const axis = stated < 0 ? stated + shape.length : stated;
    const from = shape[axis] ?? 0;
    const to = sizes.length > 0 ? sizes[i]! : Math.floor(from * scales[i]!);
    if (!(Number.isSafeInteger(to) && to >= 1)) {
      throw unsupported(call, `axis ${axis} of ${from} would become ${to}`);
    }
    return { axis, from, to, scale: sizes.length > 0 ? to / from : scales[i]! };
  });
}

/** Resizes with an op of the network that has the same grid; null where there is none. */
function asImageResize(
  call: OnnxCall,
  value: NodeValue,
  plan: readonly AxisPlan[],
  rule: ResizeRule,
): NodeValue | null {
  const { builder } = call;
  const image = imageOf(call, value);
  const height = plan.find(({ axis }) => axis === 2) ?? {
    from: image.height,
    to: image.height,
    scale: 1,
  };
  const width = plan.find(({ axis }) => axis === 3) ?? {
    from: image.width,
    to: image.width,
    scale: 1,
  };
  const shape = [height.to, width.to, image.channels];
  const factors = [height.to / height.from, width.to / width.from] as const;
  const isWhole = factors.every(Number.isInteger);
  const isExact = height.scale === factors[0] && width.scale === factors[1];
  if (rule.mode === 'nearest' && isWhole && isExact && repeatsCells(rule)) {
    const node = builder.emit({ kind: 'resizeNearest', factors }, [image.node], shape);
    return imageValue(call, node, 4, image.batch);
  }
  const grid = gridOf(rule);
  if (grid === null || !isExact) return null;
  const op = { kind: 'resize', grid, height: height.to, width: width.to } as const;
  return imageValue(call, builder.emit(op, [image.node], shape), 4, image.batch);
}

/**
 * Whether, at an integer factor, each cell is repeated the same number of times: where samples are placed
 * from the corner and rounded down, or placed at centres and rounded to the nearest.
 */
function repeatsCells({ coordinates, nearest }: ResizeRule): boolean {
  if (coordinates === 'asymmetric') return nearest === 'floor' || nearest === OLD_NEAREST;
  return coordinates === 'half_pixel' && nearest.startsWith('round');
}

function gridOf({ mode, coordinates, antialias }: ResizeRule): ResizeGrid | null {
  if (mode !== 'linear') return null;
  if (antialias) return null;
  if (coordinates === 'half_pixel') return 'linear';
  if (coordinates === 'align_corners') return 'aligned';
  return coordinates === 'asymmetric' ? 'corner' : null;
}

/** Any other rule multiplies each axis by a matrix. */
function resizeAxis(
  { builder }: OnnxCall,
  value: NodeValue,
  { axis, from, to, scale }: AxisPlan,
  rule: ResizeRule,
): NodeValue {
  const taps = tapsOf(rule, from, to, scale);
  const matrix = {
    name: `${JSON.stringify(rule)} from ${from} to ${to} by ${scale}`,
    inputs: from,
    outputs: to,
    read: () => {
      const values = new Float32Array(from * to);
      taps.forEach((list, i) => {
        for (const { place, weight } of list) values[place * to + i]! += weight;
      });
      return values;
    },
  };
  return multiplyAxis(builder, value, axis, matrix);
}
