import { fail, own, type Json } from './json-fields.ts';
import type { Sidecar } from './sidecar.ts';

/**
 * Reads the `cvexport.manifest` of Azure Custom Vision. Custom Vision's own library takes the square in
 * the middle, leaves pixels as they are, 0..255, and changes the channels to BGR. The class names are
 * in the file that the manifest names.
 *
 * @see https://github.com/microsoft/customvision-tfjs, src/index.js
 * @throws GradcamError `model` for a domain other than classification.
 */
export function readCustomVision(file: string, json: Json): Sidecar {
  const domain = own(json, 'DomainType');
  if (domain !== 'Classification') return fail('DomainType', 'Classification', domain);
  return {
    file,
    input: {
      pixels: { scale: 1, mean: [0], std: [1] },
      channelOrder: 'bgr',
      fit: { fit: 'crop', cropFraction: 1 },
    },
  };
}

/**
 * The file of class names that Google's AutoML Vision exports. The library that runs the exports looks
 * for this name.
 */
export const AUTOML_FILE = 'dict.txt';

/**
 * How AutoML Vision's own library prepares pictures: the square in the middle, pixels in -1..1.
 *
 * @see https://github.com/tensorflow/tfjs, tfjs-automl/src/img_classification.ts
 */
export const autoMlInput: NonNullable<Sidecar['input']> = {
  pixels: { scale: 1 / 127.5, mean: [1], std: [1] },
  channelOrder: 'rgb',
  fit: { fit: 'crop', cropFraction: 1 },
};
