import { parseLabels } from '../labels/labels.ts';
import { flag, has, own, side, type Json } from './json-fields.ts';
import type { Sidecar } from './sidecar.ts';

/** The size of the first exports of Teachable Machine, which do not state it. */
const FIRST_SIZE = 224;

/**
 * Whether a `metadata.json` belongs to an image model of Teachable Machine. Its sound and pose models
 * name another package.
 */
export function isTeachableMachine(json: Json): boolean {
  const name = own(json, 'packageName');
  if (typeof name === 'string') return /teachablemachine\/image/i.test(name);
  return Array.isArray(own(json, 'labels')) && has(json, 'tfjsVersion');
}

/**
 * Reads `metadata.json` of Teachable Machine. Its library takes the square in the middle of a picture
 * and makes pixels `p / 127 - 1`. The divisor is 127, so white becomes 1.008.
 *
 * @see https://github.com/googlecreativelab/teachablemachine-community, libraries/image/src/utils/tf.ts
 * @throws GradcamError `model` or `argument` for invalid fields.
 */
export function readTeachableMachine(file: string, json: Json): Sidecar {
  const size = has(json, 'imageSize') ? side(own(json, 'imageSize'), 'imageSize') : FIRST_SIZE;
  return {
    file,
    classNames: parseLabels(JSON.stringify(own(json, 'labels') ?? [])),
    input: {
      size: [size, size],
      pixels: { scale: 1 / 127, mean: [1], std: [1] },
      channelOrder: flag(json, 'grayscale', false) ? 'gray' : 'rgb',
      fit: { fit: 'crop', cropFraction: 1 },
    },
  };
}
