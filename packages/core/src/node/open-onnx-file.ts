import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { GradcamError } from '../base/errors.ts';
import { openOnnxFile as openOnnxBytes } from '../model/open-onnx-file.ts';
import type { ModelFiles } from '../readers/model-files.ts';
import { openModelFolder } from './model-folder.ts';
import { findOnnxPath } from './onnx-path.ts';

/**
 * Opens an ONNX file: by its path, by the path of a folder that holds one, by its address, or from its bytes.
 *
 * A folder may have the layout of a Hugging Face repository or of the cache of transformers.js: the ONNX
 * file lies in `onnx/`, and `config.json` and `preprocessor_config.json` lie in the folder above. These two
 * are also read if `source` is the path of the file itself. Files with weights (`model.onnx.data`) are read
 * only from the folder of the ONNX file.
 *
 * ```ts
 * const model = await loadModel(openOnnxFile('models/resnet50.onnx'), { engine });
 * const cached = openOnnxFile('node_modules/@huggingface/transformers/.cache/org/net');
 * ```
 *
 * @param source a path, a `file:` URL, an `http:` or `https:` address, or the bytes.
 * @param beside further files by name, for a model that is given as bytes.
 * @throws GradcamError `argument` for a path without an ONNX file, a folder with several of which none is
 *   `model.onnx`, and a source of another kind. Reading throws GradcamError `model`.
 */
export function openOnnxFile(
  source: Uint8Array | ArrayBuffer | string | URL,
  beside: Readonly<Record<string, Uint8Array>> = {},
): ModelFiles {
  const isPath = typeof source === 'string' && !/^(https?|file):\/\//i.test(source);
  if (isPath) return openPath(source);
  if (source instanceof URL || typeof source === 'string') {
    const url = new URL(source);
    if (url.protocol === 'file:') return openPath(fileURLToPath(url));
  }
  return openOnnxBytes(source, beside);
}

function openPath(location: string): ModelFiles {
  const found = findOnnxPath(location);
  if (found !== null) return openModelFolder(found);
  throw new GradcamError(
    'argument',
    `${location}: no ONNX file was found; expected the path of an .onnx file, or of a folder with one (${path.join('onnx', 'model.onnx')} counts)`,
  );
}
