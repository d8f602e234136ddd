import { countElements } from '../../../base/nd-array.ts';
import type { Padding } from '../../../network/op.ts';
import { imageInput, onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/**
 * `Flatten` in row-major order: the element [y, x, c] of [h, w, channels] gets the index (y * w + x) *
 * channels + c.
 */
export function readFlatten(call: LayerCall): Value {
  const input = onlyInput(call);
  return call.emit({ kind: 'reshape' }, [input], [countElements(input.shape)]);
}

/** `Reshape`; one size may be -1. */
export function readReshape(call: LayerCall): Value {
  const input = onlyInput(call);
  const target = call.attributes.raw('target_shape');
  if (!Array.isArray(target) || !target.every((n) => Number.isInteger(n))) {
    return call.attributes.refuse('target_shape', 'a list of sizes');
  }
  const sizes = target as number[];
  const total = countElements(input.shape);
  const known = countElements(sizes.filter((size) => size !== -1));
  const shape = sizes.map((size) => (size === -1 ? total / known : size));
  if (countElements(shape) !== total || !shape.every((n) => Number.isInteger(n))) {
    call.attributes.refuse('target_shape', `sizes whose product is ${total}`);
  }
  return call.emit({ kind: 'reshape' }, [input], shape);
}

/** `ZeroPadding2D`. */
export function readZeroPadding2d(call: LayerCall): Value {
  const { input, height, width, channels } = imageInput(call);
  const padding = readEdges(call, 'padding', [1, 1]);
  return call.emit(
    { kind: 'pad', padding },
    [input],
    [height + padding.top + padding.bottom, width + padding.left + padding.right, channels],
  );
}

/** `Cropping2D`. */
export function readCropping2d(call: LayerCall): Value {
  const { input, height, width, channels } = imageInput(call);
  const padding = readEdges(call, 'cropping', [0, 0]);
  const left = [
    height - padding.top - padding.bottom,
    width - padding.left - padding.right,
  ] as const;
  if (left[0] < 1 || left[1] < 1) {
    return call.attributes.refuse('cropping', `less than the image's ${height}x${width}`);
  }
  return call.emit({ kind: 'crop', padding }, [input], [...left, channels]);
}

/** `n`, `[vertical, horizontal]` or `[[top, bottom], [left, right]]`. */
function readEdges(call: LayerCall, name: string, fallback: [number, number]): Padding {
  const value = call.attributes.raw(name) ?? fallback;
  const isPair = (edges: unknown): edges is [number, number] =>
    Array.isArray(edges) &&
    edges.length === 2 &&
    edges.every((n) => Number.isInteger(n) && (n as number) >= 0);
  const list = Array.isArray(value) ? value : [value, value];
  const [vertical, horizontal] = list.map((edge: unknown) =>
    Number.isInteger(edge) ? [edge, edge] : edge,
  );
  if (!isPair(vertical) || !isPair(horizontal)) {
    return call.attributes.refuse(
      name,
      'n, [vertical, horizontal] or [[top, bottom], [left, right]], none below 0',
    );
  }
  return { top: vertical[0], bottom: vertical[1], left: horizontal[0], right: horizontal[1] };
}

/** `Permute`; axis 1 is the first after the batch. */
export function readPermute(call: LayerCall): Value {
  const input = onlyInput(call);
  const given = call.attributes.raw('dims');
  const axes = input.shape.map((_, axis) => axis + 1);
  const isOrder =
    Array.isArray(given) &&
    given.length === axes.length &&
    axes.every((axis) => given.includes(axis));
  if (!isOrder) return call.attributes.refuse('dims', `${axes.join(', ')} in some order`);
  const dims = (given as number[]).map((axis) => axis - 1);
  const shape = dims.map((axis) => input.shape[axis]!);
  return call.emit({ kind: 'permute', dims }, [input], shape);
}

/** `RepeatVector`: [size] to [n, size]. */
export function readRepeatVector(call: LayerCall): Value {
  const input = onlyInput(call);
  const n = call.attributes.number('n');
  const [size] = input.shape;
  if (input.shape.length !== 1 || size === undefined || !Number.isInteger(n) || n < 1) {
    return call.attributes.refuse('n', 'a number from 1 on, of a vector');
  }
  const reshape = { kind: 'reshape' } as const;
  const cell = call.emit(reshape, [input], [1, 1, size], { part: 'cell' });
  const repeat = { kind: 'resizeNearest', factors: [n, 1] } as const;
  const repeated = call.emit(repeat, [cell], [n, 1, size], { part: 'repeated' });
  return call.emit(reshape, [repeated], [n, size]);
}
