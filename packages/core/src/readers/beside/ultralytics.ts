import { dropUndefined } from '../../base/drop-undefined.ts';
import { isGradcamError } from '../../base/errors.ts';
import { parseLabels, type ClassNames } from '../labels/labels.ts';
import { fail, side } from './json-fields.ts';
import type { SidecarInput } from './sidecar.ts';

type Properties = ReadonlyMap<string, string>;
type Refuse = (what: string) => void;

/** Whether the properties of an ONNX file are those that YOLOv5 and its successors write. */
export function isUltralytics(properties: Properties): boolean {
  return properties.has('stride') && properties.has('names');
}

/**
 * Reads the properties that the exports of Ultralytics have, and with them how pictures are prepared.
 *
 * @param outputRank number of axes of the first output; undefined where the file states none.
 * @param refuse receives a line for each property that cannot be read.
 * @see https://docs.ultralytics.com/modes/export
 */
export function readUltralytics(
  properties: Properties,
  outputRank: number | undefined,
  refuse: Refuse,
): { readonly input: SidecarInput; readonly classNames: ClassNames | undefined } {
  const size = attempt('its size', refuse, () => readSize(properties.get('imgsz')));
  return {
    input: dropUndefined({
      size,
      channelOrder: 'rgb' as const,
      ...preparationOf(properties, outputRank),
    }),
    classNames: attempt('its names', refuse, () => readNames(properties.get('names')!)),
  };
}

const zeroToOne = { scale: 1 / 255, mean: [0], std: [1] } as const;
const imageNet = {
  scale: 1 / 255,
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;
const middle = { fit: 'crop', cropFraction: 1 } as const;

/**
 * A classifier takes the middle of the picture, RT-DETR the whole picture squashed, and every other model the
 * whole picture between gray bars. YOLOv5 writes no task, and only its classifiers, which alone have one
 * vector of scores, take pixels standardised as for ImageNet.
 */
function preparationOf(
  properties: Properties,
  outputRank: number | undefined,
): Pick<SidecarInput, 'pixels' | 'fit'> {
  const task = properties.get('task');
  if (task === undefined && outputRank === 2) return { pixels: imageNet, fit: middle };
  if (task === 'classify') return { pixels: zeroToOne, fit: middle };
  if (/^Ultralytics rt-?detr/i.test(properties.get('description') ?? '')) {
    return { pixels: zeroToOne, fit: { fit: 'squash', cropFraction: 1 } };
  }
  return { pixels: zeroToOne, fit: { fit: 'letterbox', cropFraction: 1, pad: [114, 114, 114] } };
}

/** Height and width as Python prints them: `[480, 640]`. */
function readSize(text: string | undefined): readonly [number, number] | undefined {
  if (text === undefined) return undefined;
  const [, height, width] =
    /^\[(\d+), *(\d+)\]$/.exec(text) ?? fail('imgsz', '[height, width]', text);
  return [side(Number(height), 'imgsz'), side(Number(width), 'imgsz')];
}

/** Names as Python prints them: `{0: 'cat', 1: 'dog'}` or `['cat', 'dog']`. */
function readNames(text: string): ClassNames | undefined {
  const names = parseLabels(`names: ${text}`);
  return names.labels.length === 0 ? undefined : names;
}

/** Reads one property; undefined, with a note of the reason, where it is invalid. */
function attempt<T>(what: string, refuse: Refuse, read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isGradcamError(error)) throw error;
    refuse(`${what}: ${error.message}`);
    return undefined;
  }
}
