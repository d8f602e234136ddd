import { parseLabels } from '../labels/labels.ts';
import {
  channels,
  fail,
  flag,
  has,
  isRecord,
  number,
  own,
  share,
  side,
  type Json,
} from './json-fields.ts';
import { readFilter } from './resize-filter.ts';
import type { Sidecar, SidecarInput } from './sidecar.ts';

/** Whether a `config.json` belongs to a model of Hugging Face. */
export function isHuggingFace(json: Json): boolean {
  return has(json, 'id2label') || has(json, 'label2id');
}

/**
 * The class names in a `config.json` of Hugging Face; null where nobody named the classes, which are
 * then `LABEL_0`, `LABEL_1` and so on.
 *
 * @throws GradcamError `argument` for names that cannot be read.
 */
export function readHuggingFaceConfig(file: string, json: Json): Sidecar | null {
  const names = parseLabels(
    JSON.stringify({ id2label: json['id2label'], label2id: json['label2id'] }),
  );
  const isNamed = names.labels.some((label, index) => label !== `LABEL_${index}`);
  return isNamed ? { file, classNames: names } : null;
}

/**
 * Reads `preprocessor_config.json` of Hugging Face: `x = (pixel * rescale_factor - image_mean) /
 * image_std`. Either of the two steps may be switched off.
 *
 * @see https://github.com/huggingface/transformers, image_processing_*.py of each model
 * @throws GradcamError `model` for invalid fields.
 */
export function readPreprocessor(file: string, json: Json): Sidecar {
  const kind = String(
    own(json, 'image_processor_type') ?? own(json, 'feature_extractor_type') ?? '',
  );
  const notUsed: string[] = [];
  const resize = flag(json, 'do_resize', true) ? readFilter(own(json, 'resample'), notUsed) : {};
  const isFlipped = flag(json, 'do_flip_channel_order', false);
  const placed = readPlacing(json, kind, notUsed);
  return {
    file,
    input: {
      ...placed,
      ...resize,
      pixels: readPixels(json, kind, isFlipped),
      channelOrder: isFlipped ? 'bgr' : 'rgb',
    },
    notUsed,
  };
}

function readPixels(
  json: Json,
  kind: string,
  isFlipped: boolean,
): NonNullable<SidecarInput['pixels']> {
  const isRescaled = flag(json, 'do_rescale', true);
  const scale = isRescaled
    ? number(own(json, 'rescale_factor') ?? 1 / 255, 'rescale_factor', true)
    : 1;
  // EfficientNet's processor may subtract 1 after rescaling, and may divide by the deviation twice.
  const isEfficientNet = /efficientnet/i.test(kind);
  const offset = isEfficientNet && isRescaled && flag(json, 'rescale_offset', false) ? 1 : 0;
  const isTwice = isEfficientNet && flag(json, 'include_top', true);
  // Early versions of MobileViT and BEiT have no mean and no step that subtracts it.
  if (!flag(json, 'do_normalize', has(json, 'image_mean'))) {
    return isTwice && has(json, 'image_std')
      ? { scale, mean: [offset], std: channels(own(json, 'image_std'), 'image_std', true) }
      : { scale, mean: [offset], std: [1] };
  }
  const listed = {
    mean: channels(
      own(json, 'image_mean') ?? fail('image_mean', 'numbers', undefined),
      'image_mean',
    ),
    std: channels(
      own(json, 'image_std') ?? fail('image_std', 'numbers', undefined),
      'image_std',
      true,
    ),
  };
  const order = (numbers: readonly number[]): number[] =>
    isFlipped ? [...numbers].reverse() : [...numbers];
  return {
    scale,
    mean: order(listed.mean.map((value) => value + offset)),
    std: order(listed.std.map((value) => (isTwice ? value * value : value))),
  };
}

/** Sides in pixels: `224`, `{"height": 224, "width": 224}` or `{"shortest_edge": 256}`. */
interface Size {
  readonly sides: readonly [height: number, width: number];
  readonly isShortest: boolean;
}

/**
 * Processors for which a size of one number means both sides. For the others it means the short side.
 */
const SQUARE_KINDS = /vit|beit|deit|dinat|segformer|perceiver|efficientnet/i;

function readSize(value: unknown, where: string, isSquare: boolean): Size | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') {
    const length = side(value, where);
    return { sides: [length, length], isShortest: !isSquare };
  }
  // Old files have [width, height]. No model there has two different lengths.
  if (Array.isArray(value)) {
    return { sides: [side(value[1], where), side(value[0], where)], isShortest: false };
  }
  if (!isRecord(value)) return fail(where, 'a size', value);
  if (has(value, 'shortest_edge')) {
    const length = side(own(value, 'shortest_edge'), where);
    return { sides: [length, length], isShortest: true };
  }
  return {
    sides: [side(own(value, 'height'), where), side(own(value, 'width'), where)],
    isShortest: false,
  };
}

/** How a picture is brought to the size of the model. */
function readPlacing(
  json: Json,
  kind: string,
  notUsed: string[],
): Pick<SidecarInput, 'size' | 'fit'> {
  const size = readSize(own(json, 'size'), 'size', SQUARE_KINDS.test(kind));
  const crop = flag(json, 'do_center_crop', false)
    ? readSize(own(json, 'crop_size') ?? own(json, 'size'), 'crop_size', true)
    : null;
  const part = has(json, 'crop_pct') ? share(own(json, 'crop_pct'), 'crop_pct') : null;
  const refuse = (what: string): void => {
    notUsed.push(`${what}; state the nearest with --fit`);
  };
  if (!flag(json, 'do_resize', true)) {
    if (crop !== null) refuse('cutting without resizing');
    return crop === null ? {} : { size: crop.sides };
  }
  if (size === null) return {};
  if (/convnext/i.test(kind) && size.isShortest) {
    const [length] = size.sides;
    // From 384 pixels on, this processor resizes both sides and crops nothing.
    return length >= 384
      ? { size: size.sides, fit: { fit: 'squash', cropFraction: 1 } }
      : { size: size.sides, fit: { fit: 'crop', cropFraction: part ?? 224 / 256 } };
  }
  if (crop === null) {
    if (!size.isShortest) return { size: size.sides, fit: { fit: 'squash', cropFraction: 1 } };
    refuse('resizing the short side without cutting, which leaves pictures of any shape,');
    return {};
  }
  const [height, width] = crop.sides;
  if (!size.isShortest) {
    if (size.sides.join() === crop.sides.join()) {
      return { size: crop.sides, fit: { fit: 'squash', cropFraction: 1 } };
    }
    const [first, second] = [height / size.sides[0], width / size.sides[1]];
    if (first === second && first < 1) {
      return { size: crop.sides, fit: { fit: 'squash', cropFraction: first } };
    }
    refuse(`squashing to ${size.sides.join('x')} and cutting ${height}x${width} out of it`);
    return { size: crop.sides };
  }
  // LeViT's processor enlarges the size by 256 / 224, and PoolFormer's by its crop_pct.
  const short = /levit/i.test(kind) ? Math.trunc((256 / 224) * size.sides[0]) : size.sides[0];
  const fraction = part ?? Math.min(height, width) / short;
  if (height !== width || fraction > 1) {
    refuse(`cutting ${height}x${width} out of a picture with a short side of ${short}`);
    return { size: crop.sides };
  }
  return { size: crop.sides, fit: { fit: 'crop', cropFraction: fraction } };
}
