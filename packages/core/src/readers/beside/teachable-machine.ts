import { parseLabels } from '../labels/labels.ts';
import { flag, has, own, side, type Json } from './json-fields.ts';
import type { Sidecar } from './sidecar.ts';

/** What Teachable Machine's first exports, which state no size, were all made for. */
const FIRST_SIZE = 224;

/**
 * Whether a `metadata.json` is that of an image model of Teachable Machine; those of its sound and pose models
 * name another package.
 */
export function isTeachableMachine(json: Json): boolean {
  const name = own(json, 'packageName');
  if (typeof name === 'string') return /teachablemachine\/image/i.test(name);
  return Array.isArray(own(json, 'labels')) && has(json, 'tfjsVersion');
}

/**
 * `metadata.json` of Teachable Machine. Its library takes the square in the middle of a picture and makes pixels
 * `p / 127 - 1`: by 127, so that white is 1.008.
 *
 * @see https://github.com/googlecreativelab/teachablemachine-community, libraries/image/src/utils/tf.ts
 * @throws GradcamError `model` or `argument` for fields that are not as they must be.
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
