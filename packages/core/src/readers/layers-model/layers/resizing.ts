import type { ResizeGrid } from '../../../network/op.ts';
import type { Op } from '../../../network/op.ts';
import { imageInput, type LayerCall, type Value } from './layer-reader.ts';

/**
 * `UpSampling2D`. Bilinear interpolation uses the half-pixel grid of Keras, except for a model that tfjs
 * wrote: its grid starts at the upper left corner, as in tfjs.
 */
export function readUpSampling2d(call: LayerCall): Value {
  const { input, height, width, channels } = imageInput(call);
  const factors = call.attributes.pair('size', [2, 2]);
  if (!factors.every((factor) => factor >= 1)) call.attributes.refuse('size', 'factors from 1 on');
  const size = { height: height * factors[0], width: width * factors[1] };
  const shape = [size.height, size.width, channels];
  const interpolation = call.attributes.text('interpolation', 'nearest');
  if (interpolation === 'nearest') {
    return call.emit({ kind: 'resizeNearest', factors }, [input], shape);
  }
  const grids: Readonly<Record<string, ResizeGrid>> = {
    bilinear: call.writer === 'tfjs' ? 'corner' : 'linear',
    bicubic: 'cubic',
  };
  const grid = Object.hasOwn(grids, interpolation) ? grids[interpolation]! : undefined;
  if (grid === undefined) {
    return call.attributes.refuse('interpolation', "'nearest', 'bilinear' or 'bicubic'");
  }
  return call.emit({ kind: 'resize', grid, ...size }, [input], shape);
}

/**
 * `Resizing` to a size, optionally after cropping to its aspect ratio in the middle. A model that tfjs
 * wrote is resized as tfjs does it, with the corners aligned.
 */
export function readResizing(call: LayerCall): Value {
  const { attributes } = call;
  leaveBase(call);
  const { input, height, width, channels } = imageInput(call);
  const to = { height: attributes.number('height'), width: attributes.number('width') };
  if (!(
    Number.isInteger(to.height) &&
    Number.isInteger(to.width) &&
    to.height > 0 &&
    to.width > 0
  )) {
    attributes.refuse('height', 'height and width from 1 on');
  }
  const crops = attributes.flag('crop_to_aspect_ratio', false);
  const bars = attributes.flag('pad_to_aspect_ratio', false);
  if (attributes.text('fill_mode', 'constant') !== 'constant' && bars) {
    attributes.refuse('fill_mode', '"constant"');
  }
  const fill = attributes.number('fill_value', 0);
  const grid = readGrid(call, crops);
  if (bars && !crops) {
    const padded = padToAspect(call, input, to, fill);
    return call.emit({ kind: 'resize', grid, ...to }, [padded], [to.height, to.width, channels]);
  }
  const isCropped = crops && call.writer !== 'tfjs';
  const view = isCropped ? cropToAspect({ height, width }, to) : { height, width };
  const padding = centre({ height, width }, view);
  const isWhole = view.height === height && view.width === width;
  const cropped = isWhole
    ? input
    : call.emit({ kind: 'crop', padding }, [input], [view.height, view.width, channels], {
        part: 'cropped',
      });
  if (call.writer !== 'tfjs' && (view.height !== to.height || view.width !== to.width)) {
    call.note('resized as Keras does it; tfjs-layers itself places the samples otherwise');
  }
  return call.emit({ kind: 'resize', grid, ...to }, [cropped], [to.height, to.width, channels]);
}

/** Reads attributes of Keras's base class for augmentations, which these layers do not use. */
function leaveBase({ attributes }: LayerCall): void {
  for (const name of ['factor', 'bounding_box_format']) attributes.raw(name);
}

interface Size {
  readonly height: number;
  readonly width: number;
}

function readGrid({ attributes, writer }: LayerCall, crops: boolean): ResizeGrid {
  const interpolation = attributes.text('interpolation', 'bilinear').toLowerCase();
  const antialias = attributes.flag('antialias', false);
  const ofTfjs = crops
    ? ({ bilinear: 'corner', nearest: 'cornerNearest' } as const)
    : ({ bilinear: 'aligned', nearest: 'alignedNearest' } as const);
  const ofKeras = { bilinear: 'linear', nearest: 'nearest', bicubic: 'cubic' } as const;
  const grids: Readonly<Record<string, ResizeGrid>> = writer === 'tfjs' ? ofTfjs : ofKeras;
  if (!Object.hasOwn(grids, interpolation)) {
    return attributes.refuse('interpolation', `one of ${Object.keys(grids).join(', ')}`);
  }
  if (!antialias) return grids[interpolation]!;
  return interpolation === 'bilinear'
    ? 'antialias'
    : attributes.refuse('antialias', 'false, but for bilinear');
}

/**
 * Pads the image with one value to an aspect ratio. The bars on both sides are equally wide, rounded as in
 * Keras.
 */
function padToAspect(call: LayerCall, input: Value, to: Size, fill: number): Value {
  const [height = 0, width = 0, channels = 0] = input.shape;
  const bar = (size: number, wanted: number): number =>
    Math.trunc((Math.max(size, Math.trunc(wanted)) - size) / 2);
  const rows = bar(height, (width * to.height) / to.width);
  const columns = bar(width, (height * to.width) / to.height);
  if (rows + columns === 0) return input;
  const padding = { top: rows, bottom: rows, left: columns, right: columns };
  const shape = [height + 2 * rows, width + 2 * columns, channels];
  const op: Op = fill === 0 ? { kind: 'pad', padding } : { kind: 'padWith', padding, value: fill };
  return call.emit(op, [input], shape, { part: 'with bars' });
}

/** The largest part of an image with the aspect ratio of `to`, rounded as in Keras. */
function cropToAspect({ height, width }: Size, to: Size): Size {
  const fit = (limit: number, size: number): number =>
    Math.max(Math.min(limit, Math.trunc(size)), 1);
  return {
    height: fit(height, (width * to.height) / to.width),
    width: fit(width, (height * to.width) / to.height),
  };
}

/**
 * The edges to cut off so that the middle remains. If the rest is odd, the larger part is cut off at the
 * end.
 */
function centre({ height, width }: Size, view: Size) {
  const [top, left] = [
    Math.floor((height - view.height) / 2),
    Math.floor((width - view.width) / 2),
  ];
  return { top, left, bottom: height - view.height - top, right: width - view.width - left };
}

/**
 * `CenterCrop` of Keras: the middle of the image. An image that is too small is cropped to the aspect ratio
 * in the middle and enlarged.
 */
export function readCenterCrop(call: LayerCall): Value {
  leaveBase(call);
  const { input, height, width, channels } = imageInput(call);
  const to = { height: call.attributes.number('height'), width: call.attributes.number('width') };
  const shape = [to.height, to.width, channels];
  if (height >= to.height && width >= to.width) {
    return call.emit({ kind: 'crop', padding: centre({ height, width }, to) }, [input], shape);
  }
  const view = cropToAspect({ height, width }, to);
  const padding = centre({ height, width }, view);
  const cropped = call.emit(
    { kind: 'crop', padding },
    [input],
    [view.height, view.width, channels],
    {
      part: 'cropped',
    },
  );
  return call.emit({ kind: 'resize', grid: 'linear', ...to }, [cropped], shape);
}

/**
 * `RandomCrop`, which crops at random only in training. At inference Keras 2 resizes the middle. Keras 3
 * passes the whole picture on although it states the size of the crop, so the stated size is right only for
 * a picture of that size.
 */
export function readRandomCrop(call: LayerCall): Value {
  const { attributes } = call;
  leaveBase(call);
  const { input, height, width, channels } = imageInput(call);
  const to = { height: attributes.number('height'), width: attributes.number('width') };
  if (height === to.height && width === to.width) return input;
  if (call.writer === 'keras3') {
    const odd = height === to.height ? 'width' : 'height';
    attributes.refuse(
      odd,
      `the picture's own ${odd}: at inference Keras 3 crops nothing, and the layers behind would get another size than they state`,
    );
  }
  const view = cropToAspect({ height, width }, to);
  const padding = centre({ height, width }, view);
  const shape = [view.height, view.width, channels];
  const cropped = call.emit({ kind: 'crop', padding }, [input], shape, { part: 'cropped' });
  const resize = { kind: 'resize', grid: 'linear', ...to } as const;
  return call.emit(resize, [cropped], [to.height, to.width, channels]);
}
