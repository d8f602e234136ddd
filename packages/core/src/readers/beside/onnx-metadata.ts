import { dropUndefined } from '../../base/drop-undefined.ts';
import { isGradcamError } from '../../base/errors.ts';
import { parseLabels, type ClassNames } from '../labels/labels.ts';
import { side } from './json-fields.ts';
import type { SidecarInput, Sidecars } from './sidecar.ts';

/**
 * Reads the properties inside an ONNX file that describe a picture and the classes: those that ONNX itself
 * defines for images, and those that Ultralytics writes. A property that cannot be read is not used, and a
 * note says so.
 *
 * @param file name of the ONNX file.
 * @param properties `metadata_props` of the file.
 * @see https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md
 */
export function readOnnxMetadata(file: string, properties: ReadonlyMap<string, string>): Sidecars {
  const notUsed: string[] = [];
  const refuse = (what: string): void => {
    notUsed.push(`${file}: ${what}`);
  };
  const isUltralytics = properties.has('stride') && properties.has('names');
  const input = isUltralytics
    ? ultralyticsInput(properties, refuse)
    : imageInput(properties, refuse);
  const classNames = isUltralytics
    ? attempt('its names', refuse, () => readNames(properties.get('names')!))
    : undefined;
  if (Object.keys(input).length === 0 && classNames === undefined) return { found: [], notUsed };
  return { found: [dropUndefined({ file, input, classNames })], notUsed };
}

const pixelRanges: ReadonlyMap<string, NonNullable<SidecarInput['pixels']>> = new Map([
  ['NominalRange_0_255', { scale: 1, mean: [0], std: [1] }],
  ['Normalized_0_1', { scale: 1 / 255, mean: [0], std: [1] }],
  ['Normalized_1_1', { scale: 1 / 127.5, mean: [1], std: [1] }],
]);

/** What ONNX defines for inputs that are images: the order of the channels and the range of the pixels. */
function imageInput(
  properties: ReadonlyMap<string, string>,
  refuse: (what: string) => void,
): SidecarInput {
  const format = properties.get('Image.BitmapPixelFormat');
  const range = properties.get('Image.NominalPixelRange');
  const gamma = properties.get('Image.ColorSpaceGamma');
  const channelOrder = orderOf(format ?? '');
  const pixels = pixelRanges.get(range ?? '');
  if (format !== undefined && channelOrder === undefined) {
    refuse(`Image.BitmapPixelFormat ${format}; state the channels with --channels`);
  }
  if (range !== undefined && pixels === undefined) {
    refuse(`Image.NominalPixelRange ${range}; state the range with --input-range, --mean, --std`);
  }
  if (gamma !== undefined && gamma !== 'SRGB') {
    refuse(`Image.ColorSpaceGamma ${gamma}; pictures go in as sRGB`);
  }
  return dropUndefined({ channelOrder, pixels });
}

function orderOf(format: string): SidecarInput['channelOrder'] {
  if (/^gray/i.test(format)) return 'gray';
  if (/^rgb/i.test(format)) return 'rgb';
  return /^bgr/i.test(format) ? 'bgr' : undefined;
}

/**
 * How Ultralytics prepares pictures for its exports: RGB in 0..1. A classifier takes the middle of the
 * picture; every other model takes the whole picture between gray bars.
 *
 * @see https://docs.ultralytics.com/modes/export
 */
function ultralyticsInput(
  properties: ReadonlyMap<string, string>,
  refuse: (what: string) => void,
): SidecarInput {
  const imgsz = /^\[(\d+), *(\d+)\]$/.exec(properties.get('imgsz') ?? '');
  const size = attempt('its size', refuse, () =>
    imgsz === null
      ? undefined
      : ([side(Number(imgsz[1]), 'imgsz'), side(Number(imgsz[2]), 'imgsz')] as const),
  );
  return dropUndefined({
    size,
    pixels: { scale: 1 / 255, mean: [0], std: [1] },
    channelOrder: 'rgb' as const,
    fit:
      properties.get('task') === 'classify'
        ? { fit: 'crop' as const, cropFraction: 1 }
        : { fit: 'letterbox' as const, cropFraction: 1, pad: [114, 114, 114] },
  });
}

/** Names as Python prints them: `{0: 'cat', 1: 'dog'}` or `['cat', 'dog']`. */
function readNames(text: string): ClassNames | undefined {
  const names = parseLabels(`names: ${text}`);
  return names.labels.length === 0 ? undefined : names;
}

/** Reads one property; undefined, with a note of the reason, where it is invalid. */
function attempt<T>(
  what: string,
  refuse: (what: string) => void,
  read: () => T | undefined,
): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!isGradcamError(error)) throw error;
    refuse(`${what}: ${error.message}`);
    return undefined;
  }
}
