import { dropUndefined } from '../../base/drop-undefined.ts';
import type { SidecarInput, Sidecars } from './sidecar.ts';
import { isUltralytics, readUltralytics } from './ultralytics.ts';

/** Most characters of a property that a note repeats. */
const MAX_SHOWN = 40;

/**
 * Reads the properties inside an ONNX file that describe a picture and the classes: those that ONNX itself
 * defines for images, and those that Ultralytics writes. A property that cannot be read is not used, and a
 * note says so.
 *
 * @param file name of the ONNX file.
 * @param properties `metadata_props` of the file.
 * @param outputRank number of axes of the first output; undefined where the file states none.
 * @see https://github.com/onnx/onnx/blob/main/docs/MetadataProps.md
 */
export function readOnnxMetadata(
  file: string,
  properties: ReadonlyMap<string, string>,
  outputRank: number | undefined,
): Sidecars {
  const notUsed: string[] = [];
  const refuse = (what: string): void => {
    notUsed.push(`${file}: ${what}`);
  };
  const { input, classNames } = isUltralytics(properties)
    ? readUltralytics(properties, outputRank, refuse)
    : { input: imageInput(properties, refuse), classNames: undefined };
  if (Object.keys(input).length === 0 && classNames === undefined) return { found: [], notUsed };
  return { found: [dropUndefined({ file, input, classNames })], notUsed };
}

const channelOrders: ReadonlyMap<string, NonNullable<SidecarInput['channelOrder']>> = new Map([
  ['gray8', 'gray'],
  ['rgb8', 'rgb'],
  ['bgr8', 'bgr'],
]);

const pixelRanges: ReadonlyMap<string, NonNullable<SidecarInput['pixels']>> = new Map([
  ['nominalrange_0_255', { scale: 1, mean: [0], std: [1] }],
  ['normalized_0_1', { scale: 1 / 255, mean: [0], std: [1] }],
  ['normalized_1_1', { scale: 1 / 127.5, mean: [1], std: [1] }],
]);

/**
 * What ONNX defines for inputs that are images: the order of the channels and the range of the pixels. The
 * case of keys and values does not matter. Formats with alpha are not used, since they have four channels.
 */
function imageInput(
  properties: ReadonlyMap<string, string>,
  refuse: (what: string) => void,
): SidecarInput {
  const stated = new Map([...properties].map(([key, value]) => [key.toLowerCase(), value]));
  /** What the property's value means; undefined, with a note, for a value that is not known. */
  const read = <T>(name: string, known: ReadonlyMap<string, T>, next: string): T | undefined => {
    const value = stated.get(name.toLowerCase());
    if (value === undefined) return undefined;
    const meaning = known.get(value.toLowerCase());
    if (meaning === undefined) refuse(`${name} ${value.slice(0, MAX_SHOWN)}; ${next}`);
    return meaning;
  };
  const channelOrder = read(
    'Image.BitmapPixelFormat',
    channelOrders,
    'state the channels with --channels',
  );
  const pixels = read(
    'Image.NominalPixelRange',
    pixelRanges,
    'state the range with --input-range, --mean, --std',
  );
  read('Image.ColorSpaceGamma', new Map([['srgb', true]]), 'pictures go in as sRGB');
  return dropUndefined({ channelOrder, pixels });
}
