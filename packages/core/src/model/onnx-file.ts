import { refuseLfsPointer } from '../base/lfs-pointer.ts';
import { listExternalFiles } from '../readers/onnx-file/external-files.ts';
import { MAX_ONNX_BYTES } from '../readers/onnx-file/onnx-limits.ts';
import type { OnnxFileModel } from '../readers/onnx-file/proto/onnx-schema.ts';
import { parseOnnxModel } from '../readers/onnx-file/proto/parse-model.ts';
import type { ModelFiles } from '../readers/model-files.ts';

/** An ONNX file that has been read, with its weight files. */
export interface OnnxFile {
  readonly model: OnnxFileModel;
  readonly bytes: Uint8Array;
  /** Weight files by name. */
  readonly external: ReadonlyMap<string, Uint8Array>;
  /** The name of each weight file, by the location that the model states. */
  readonly locations: ReadonlyMap<string, string>;
}

/**
 * Reads the model's ONNX file and its weight files.
 *
 * @throws GradcamError `model` for a file that is missing or damaged.
 */
export async function readOnnxFile(files: ModelFiles): Promise<OnnxFile> {
  const name = files.onnx!;
  const bytes = await files.readFile(name, MAX_ONNX_BYTES);
  refuseLfsPointer(bytes, name);
  const model = parseOnnxModel(bytes, name);
  const locations = listExternalFiles(model, name);
  const external = new Map<string, Uint8Array>();
  for (const file of new Set(locations.values())) {
    const weights = await files.readFile(file, MAX_ONNX_BYTES);
    refuseLfsPointer(weights, file);
    external.set(file, weights);
  }
  return { model, bytes, external, locations };
}
