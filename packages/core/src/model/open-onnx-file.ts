import { GradcamError } from '../base/errors.ts';
import { isOnnxName, modelFilesInMemory, type ModelFiles } from '../readers/model-files.ts';
import { openModelUrl } from './model-url.ts';

/**
 * Opens an ONNX file from its bytes or its address. Files beside it that contain weights or describe the
 * model (`model.onnx.data`, `preprocessor_config.json`, `labels.txt`) are read from the same folder of a
 * server, or are given by name.
 *
 * ```ts
 * const model = await loadModel(openOnnxFile(bytes), { engine });
 * ```
 *
 * @param beside further files by name, for a model that is given as bytes.
 * @throws GradcamError `argument` for a source that is neither bytes nor the address of an `.onnx` file.
 */
export function openOnnxFile(
  source: Uint8Array | ArrayBuffer | string | URL,
  beside: Readonly<Record<string, Uint8Array>> = {},
): ModelFiles {
  if (typeof source === 'string' || source instanceof URL) {
    const files = openModelUrl(source);
    if (files.onnx !== undefined) return files;
    throw new GradcamError(
      'argument',
      `'${String(source)}' is not the address of an .onnx file; a file on this machine is opened with openOnnxFile of @gradcam/core/node`,
    );
  }
  const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
  if (!ArrayBuffer.isView(bytes)) {
    throw new GradcamError(
      'argument',
      'openOnnxFile takes the bytes of an ONNX file, or its address',
    );
  }
  const isFree = (name: string): boolean => !isOnnxName(name) && name !== 'model.json';
  const others = Object.fromEntries(Object.entries(beside).filter(([name]) => isFree(name)));
  return modelFilesInMemory({ ...others, 'model.onnx': bytes });
}
