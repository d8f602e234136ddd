import { isPadded, noPadding, type Padding } from '../../../network/op.ts';
import {
  contradictory,
  imageAt,
  imageValue,
  unsupported,
  valueAt,
  type Image,
  type OnnxCall,
  type Translate,
} from '../onnx-call.ts';
import { reshapeValue } from '../../graph/layout.ts';
import { normaliseNeighbours } from '../../graph/local-response.ts';
import type { Value } from '../../graph/value.ts';
import { readWindow, type WindowAttributes } from '../windows.ts';

/** `MaxPool`. Its second output, the indices of the maxima, is not supported. */
export const translateMaxPool: Translate = (call) => {
  const flat = flattenVolume(call);
  if (flat !== null) return flat.restore(translateMaxPool(flat.call));
  const { image, rank, window, ceiled } = readPool(call);
  if ((call.outputs[1] ?? '') !== '') {
    throw unsupported(call, 'its second output, the indices of the maxima, is not supported');
  }
  call.attributes.ignore('storage_order');
  const padding = addEnds(window.padding, ceiled);
  const { size, strides } = window;
  const shape = pooledShape(image, window, padding);
  const node = call.builder.emit({ kind: 'maxPool', size, strides, padding }, [image.node], shape);
  return [imageValue(call, node, rank, image.batch)];
};

/** `AveragePool`. Where the padding counts, the image is padded with zeros before a pool without padding. */
export const translateAveragePool: Translate = (call) => {
  const flat = flattenVolume(call);
  if (flat !== null) return flat.restore(translateAveragePool(flat.call));
  const { image, rank, window, ceiled } = readPool(call);
  const counts = call.attributes.flag('count_include_pad', false) && isPadded(window.padding);
  const { builder } = call;
  const { size, strides } = window;
  let pooled = image;
  if (counts) {
    const { top, bottom, left, right } = window.padding;
    const height = image.height + top + bottom;
    const width = image.width + left + right;
    const shape = [height, width, image.channels];
    const node = builder.emit({ kind: 'pad', padding: window.padding }, [image.node], shape);
    pooled = { ...image, node, height, width };
  }
  // Cells that are added because the size is rounded up never count.
  const padding = addEnds(counts ? noPadding : window.padding, ceiled);
  const shape = pooledShape(pooled, window, padding);
  const op = { kind: 'averagePool', size, strides, padding } as const;
  return [imageValue(call, builder.emit(op, [pooled.node], shape), rank, image.batch)];
};

/**
 * A pool over the first of three axes, which PyTorch writes for a local response normalisation. The other two
 * axes can be joined into one, so that it becomes a pool over an image.
 */
function flattenVolume(
  call: OnnxCall,
): { call: OnnxCall; restore: (values: readonly Value[]) => readonly Value[] } | null {
  const { attributes, builder } = call;
  const value = valueAt(call, 0);
  const [items = 1, channels = 1, depth = 1, height = 1, width = 1] = value.shape;
  if (value.shape.length !== 5) return null;
  const first = (name: string, neutral: number): readonly number[] | null => {
    const stated = attributes.integers(name);
    if (stated === null) return null;
    const [start = neutral, ...others] = stated.slice(0, 3);
    const ends = stated.slice(3);
    if ([...others, ...ends.slice(1)].every((one) => one === neutral)) {
      return ends.length > 0 ? [start, 0, ends[0]!, 0] : [start, neutral];
    }
    throw unsupported(
      call,
      `${name} [${stated.join(', ')}]: a pool over a volume is not supported`,
    );
  };
  const integers = (name: string): readonly number[] | null => first(name, name === 'pads' ? 0 : 1);
  const flat = reshapeValue(builder, value, [items, channels, depth, height * width]);
  return {
    call: { ...call, inputs: [flat], attributes: { ...attributes, integers } },
    restore: (values) =>
      values.map((made) =>
        made.kind === 'node'
          ? reshapeValue(builder, made, [items, channels, made.shape[2]!, height, width])
          : made,
      ),
  };
}

/** `GlobalAveragePool` and `GlobalMaxPool`, whose result is [1, channels, 1, 1]. */
export const translateGlobalPool =
  (kind: 'globalAveragePool' | 'globalMaxPool'): Translate =>
  (call) => {
    const { shape } = valueAt(call, 0);
    const image = imageAt(call, 0);
    const node = call.builder.emit({ kind }, [image.node], [image.channels]);
    const pooled = [1, image.channels, ...shape.slice(2).map(() => 1)];
    return [{ kind: 'node', node, shape: pooled, order: [1], batch: image.batch, channels: 1 }];
  };

function readPool(call: OnnxCall): {
  image: Image;
  rank: number;
  window: WindowAttributes;
  ceiled: Ends;
} {
  const rank = valueAt(call, 0).shape.length;
  const image = imageAt(call, 0);
  const window = readWindow(call, image, rank);
  if (window.dilations.some((one) => one !== 1)) {
    throw unsupported(call, 'a pool with dilations is not supported');
  }
  const isCeiled = call.attributes.flag('ceil_mode', false);
  return {
    image,
    rank,
    window,
    ceiled: isCeiled ? ceilEnds(image, window) : { bottom: 0, right: 0 },
  };
}

type Ends = Pick<Padding, 'bottom' | 'right'>;

/**
 * Cells that a rounded-up size adds at the ends. A window that would begin after the padded image is left
 * out.
 */
function ceilEnds({ height, width }: Image, { size, strides, padding }: WindowAttributes): Ends {
  const along = (length: number, axis: 0 | 1, before: number, after: number): number => {
    const padded = length + before + after;
    let steps = Math.ceil((padded - size[axis]) / strides[axis]) + 1;
    if ((steps - 1) * strides[axis] >= length + before) steps -= 1;
    return Math.max(0, (steps - 1) * strides[axis] + size[axis] - padded);
  };
  return {
    bottom: along(height, 0, padding.top, padding.bottom),
    right: along(width, 1, padding.left, padding.right),
  };
}

function addEnds(padding: Padding, ends: Ends): Padding {
  return {
    ...padding,
    bottom: padding.bottom + ends.bottom,
    right: padding.right + ends.right,
  };
}

function pooledShape(
  { height, width, channels }: Image,
  { size, strides }: WindowAttributes,
  { top, bottom, left, right }: Padding,
): number[] {
  const along = (length: number, axis: 0 | 1): number =>
    Math.floor((length - size[axis]) / strides[axis]) + 1;
  return [along(height + top + bottom, 0), along(width + left + right, 1), channels];
}

/** `LRN`, local response normalisation. An even size reaches one channel further after than before. */
export const translateLrn: Translate = (call) => {
  const { attributes } = call;
  const size = attributes.integer('size', 0);
  const [alpha, beta] = [attributes.float('alpha', 1e-4), attributes.float('beta', 0.75)];
  const bias = attributes.float('bias', 1);
  const image = imageAt(call, 0);
  if (size < 1 || bias <= 0)
    throw contradictory(
      call,
      `size ${size} and bias ${bias}; expected a size of at least 1 and a bias above 0`,
    );
  const node = normaliseNeighbours(call.builder, image.node, {
    before: Math.floor((size - 1) / 2),
    after: Math.ceil((size - 1) / 2),
    bias,
    factor: alpha / size,
    exponent: beta,
  });
  return [imageValue(call, node, valueAt(call, 0).shape.length, image.batch)];
};
