import { dropUndefined } from '../../base/drop-undefined.ts';
import { parseLabels, type ClassNames } from '../labels/labels.ts';
import { channels, fail, has, isRecord, own, share, side, type Json } from './json-fields.ts';
import { readFilter } from './resize-filter.ts';
import type { Sidecar, SidecarInput } from './sidecar.ts';

/** The value that timm takes where a model states none. */
const DEFAULT_CROP = 0.875;

/** Whether a `config.json` is one of timm: an architecture with its training settings. */
export function isTimm(json: Json): boolean {
  return (
    isRecord(own(json, 'pretrained_cfg')) || (has(json, 'architecture') && has(json, 'input_size'))
  );
}

/**
 * Reads `config.json` of timm. Pixels are brought to 0..1 before mean and standard deviation. With
 * `center`, the short side is resized to the size divided by `crop_pct`, and the middle is cropped;
 * with `squash`, both sides are. `border` fits the whole picture in and pads with the mean.
 *
 * @see https://github.com/huggingface/pytorch-image-models, timm/data/transforms_factory.py
 * @throws GradcamError `model` or `argument` for invalid fields.
 */
export function readTimm(file: string, json: Json): Sidecar {
  // Older files have these fields next to the architecture.
  const inner = own(json, 'pretrained_cfg');
  const config = isRecord(inner) ? inner : json;
  const notUsed: string[] = [];
  const resize = readFilter(own(config, 'interpolation'), notUsed);
  const [planes, height, width] = readSize(own(config, 'input_size'));
  const mean = channels(own(config, 'mean') ?? fail('mean', 'three numbers', undefined), 'mean');
  const std = channels(own(config, 'std') ?? fail('std', 'three numbers', undefined), 'std', true);
  const fit = readFit(config, mean, notUsed);
  return dropUndefined({
    file,
    classNames: readNames(json, config),
    input: dropUndefined({
      size: [height, width],
      pixels: { scale: 1 / 255, mean, std },
      channelOrder: planes === 1 ? 'gray' : 'rgb',
      ...resize,
      fit,
    }),
    notUsed,
  });
}

function readSize(value: unknown): [planes: number, height: number, width: number] {
  if (!Array.isArray(value) || value.length !== 3 || (value[0] !== 1 && value[0] !== 3)) {
    return fail('input_size', '[3, height, width]', value);
  }
  return [value[0], side(value[1], 'input_size'), side(value[2], 'input_size')];
}

function readFit(config: Json, mean: readonly number[], notUsed: string[]): SidecarInput['fit'] {
  const part = share(own(config, 'crop_pct') ?? DEFAULT_CROP, 'crop_pct');
  const mode = own(config, 'crop_mode') ?? 'center';
  if (mode === 'center') return { fit: 'crop', cropFraction: part };
  if (mode !== 'squash' && mode !== 'border') {
    return fail('crop_mode', 'center, squash or border', mode);
  }
  if (mode === 'squash') return { fit: 'squash', cropFraction: part };
  if (part !== 1) {
    notUsed.push(`crop_mode ${mode} with crop_pct ${part}; state the nearest with --fit`);
    return undefined;
  }
  return { fit: 'letterbox', cropFraction: 1, pad: mean.map((value) => Math.round(255 * value)) };
}

/** The class names: wnids or words, with descriptions by name or in the same order. */
function readNames(json: Json, config: Json): ClassNames | undefined {
  const names = own(json, 'label_names') ?? own(config, 'label_names');
  if (!Array.isArray(names)) return undefined;
  const described = own(json, 'label_descriptions') ?? own(config, 'label_descriptions');
  const lines = names.map((name: unknown, place) => {
    const text = isRecord(described)
      ? own(described, String(name))
      : Array.isArray(described)
        ? (described[place] as unknown)
        : undefined;
    return typeof text === 'string' && text !== name ? `${String(name)} ${text}` : name;
  });
  const isSynset = lines.every((line) => /^n\d{8}\s/.test(String(line)));
  return parseLabels(JSON.stringify(isSynset ? lines : names));
}
