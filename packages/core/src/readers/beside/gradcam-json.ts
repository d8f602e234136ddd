import { resizeFilters } from '../../artifact/artifact.ts';
import { checkText } from '../../artifact/text-description.ts';
import { dropUndefined } from '../../base/drop-undefined.ts';
import { GradcamError } from '../../base/errors.ts';
import { checkBoxReading, type BoxReading } from '../../network/box-reading.ts';
import { checkPlainLabels } from './plain-labels.ts';
import {
  channels,
  fail,
  has,
  isRecord,
  number,
  own,
  share,
  side,
  type Json,
} from './json-fields.ts';
import type { Sidecar, SidecarInput } from './sidecar.ts';

/**
 * The file that the command writes beside a model and reads there. Its fields are those of the model's
 * own description.
 */
export const DESCRIPTION_FILE = 'gradcam.json';

const FIELDS = [
  'schema',
  'labels',
  'wnids',
  'input',
  'defaultEndpoint',
  'imageInput',
  'boxes',
  'text',
];
const INPUT_FIELDS = [
  ...['height', 'width', 'channelOrder', 'scale', 'mean', 'std', 'fit', 'cropFraction', 'pad'],
  'resize',
];

/**
 * Reads `gradcam.json`: any part of the block `userDefinedMetadata.gradcam` of a `model.json` that
 * describes classes and input. Somebody wrote the file for this program, so a mistake in it is an error
 * and is not ignored.
 *
 * @throws GradcamError `model` naming the field.
 */
export function readGradcamJson(json: unknown): Sidecar {
  if (!isRecord(json)) return fail(DESCRIPTION_FILE, 'an object', json);
  refuseUnknown(json, FIELDS, DESCRIPTION_FILE);
  if (own(json, 'schema') !== 1) {
    fail(
      `${DESCRIPTION_FILE} schema`,
      '1, the only schema that this version reads',
      own(json, 'schema'),
    );
  }
  const defaultLayer = own(json, 'defaultEndpoint');
  if (defaultLayer !== undefined && typeof defaultLayer !== 'string') {
    return fail(`${DESCRIPTION_FILE} defaultEndpoint`, 'the name of a layer', defaultLayer);
  }
  const imageInput = own(json, 'imageInput');
  if (imageInput !== undefined && typeof imageInput !== 'string') {
    return fail(`${DESCRIPTION_FILE} imageInput`, 'the name of an input', imageInput);
  }
  const labels = own(json, 'labels');
  const wnids = own(json, 'wnids') ?? [];
  const classNames = labels !== undefined && {
    labels: checkPlainLabels(labels, `${DESCRIPTION_FILE} labels`),
    wnids: checkPlainLabels(wnids, `${DESCRIPTION_FILE} wnids`),
  };
  return dropUndefined({
    file: DESCRIPTION_FILE,
    classNames: classNames || undefined,
    input: has(json, 'input') ? readInput(own(json, 'input')) : undefined,
    defaultLayer,
    imageInput,
    boxes: has(json, 'boxes') ? readBoxes(own(json, 'boxes')) : undefined,
    text: has(json, 'text') ? checkText(own(json, 'text'), `${DESCRIPTION_FILE} text`) : undefined,
  });
}

function readBoxes(boxes: unknown): BoxReading {
  try {
    checkBoxReading(boxes);
  } catch (error) {
    throw new GradcamError('model', `${DESCRIPTION_FILE} ${(error as Error).message}`, {
      cause: error,
    });
  }
  return boxes as BoxReading;
}

function readInput(input: unknown): SidecarInput {
  const where = `${DESCRIPTION_FILE} input`;
  if (!isRecord(input)) return fail(where, 'an object', input);
  refuseUnknown(input, INPUT_FIELDS, where);
  const isScaled = ['scale', 'mean', 'std'].some((name) => has(input, name));
  const order = own(input, 'channelOrder');
  if (order !== undefined && order !== 'rgb' && order !== 'bgr' && order !== 'gray') {
    return fail(`${where}.channelOrder`, 'rgb, bgr or gray', order);
  }
  const filter = resizeFilters.find((name) => name === own(input, 'resize'));
  if (has(input, 'resize') && filter === undefined) {
    fail(`${where}.resize`, resizeFilters.join(', '), own(input, 'resize'));
  }
  const isSized = has(input, 'height') || has(input, 'width');
  const size = isSized && sizeOf(input, where);
  const pixels = isScaled && {
    scale: number(own(input, 'scale') ?? 1, `${where}.scale`, true),
    mean: channels(own(input, 'mean') ?? 0, `${where}.mean`),
    std: channels(own(input, 'std') ?? 1, `${where}.std`, true),
  };
  return dropUndefined({
    size: size || undefined,
    pixels: pixels || undefined,
    channelOrder: order,
    resize: filter,
    fit: has(input, 'fit') ? readFit(input, where) : undefined,
  });
}

function sizeOf(input: Json, where: string): readonly [height: number, width: number] {
  const height = side(own(input, 'height'), `${where}.height`);
  return [height, side(own(input, 'width'), `${where}.width`)];
}

function readFit(input: Json, where: string): NonNullable<SidecarInput['fit']> {
  const fit = own(input, 'fit');
  if (fit !== 'crop' && fit !== 'squash' && fit !== 'letterbox') {
    return fail(`${where}.fit`, 'crop, squash or letterbox', fit);
  }
  return dropUndefined({
    fit,
    cropFraction: share(own(input, 'cropFraction') ?? 1, `${where}.cropFraction`),
    pad: has(input, 'pad') ? channels(own(input, 'pad'), `${where}.pad`) : undefined,
  });
}

function refuseUnknown(record: Json, known: readonly string[], where: string): void {
  const unknown = Object.keys(record).find((name) => !known.includes(name));
  if (unknown !== undefined) fail(where, `fields ${known.join(', ')}`, unknown);
}
