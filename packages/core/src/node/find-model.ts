import { homedir } from 'node:os';
import path from 'node:path';
import { GradcamError } from '../base/errors.ts';
import { findModelJson } from './model-json-file.ts';
import { findOnnxPath } from './onnx-path.ts';

/**
 * Finds a model by the path of its folder or file, or by its name in the folders where the command looks for
 * models: `$GRADCAM_MODELS`, `./models`, and `gradcam/models` in the user's cache.
 *
 * @returns a path for `openModelFolder`.
 * @throws GradcamError `not-found` with the places that were searched.
 */
export function findModelPath(name: string): string {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const given = process.env['GRADCAM_MODELS'] ?? '';
  const folders = [
    ...(given === '' ? [] : [given]),
    'models',
    path.join(cache, 'gradcam', 'models'),
  ];
  for (const place of [name, ...folders.map((folder) => path.join(folder, name))]) {
    if (findModelJson(place) !== null || findOnnxPath(place) !== null) return place;
  }
  const next = /\.(h5|keras|hdf5)$/i.test(name)
    ? 'make a model folder of a Keras file with convertModel of @gradcam/converter/node'
    : `get a published one with: npx -p @gradcam/cli gradcam fetch ${name}`;
  throw new GradcamError(
    'not-found',
    `model '${name}' is no folder with a model.json and no .onnx file, and not in ${folders.join(', ')}; ${next}`,
  );
}
