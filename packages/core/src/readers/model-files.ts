import type { FileParts } from '../artifact/defer-weights.ts';
import { GradcamError } from '../base/errors.ts';

/** The source of a model's files: a folder, a server or memory. */
export interface ModelFiles {
  /** The name of the source in errors and in `run.json`. */
  readonly location: string;
  /** Name of the ONNX file, if the model is one. Otherwise the model is a `model.json`. */
  readonly onnx?: string;
  /**
   * Reads `model.json` or a file beside it.
   *
   * @param maxBytes largest useful size. A reader that knows the size of a larger file refuses it
   *   unread.
   */
  readFile(path: string, maxBytes?: number): Promise<Uint8Array>;
  /**
   * Reads a file that may lie beside `model.json`, by its name alone. Absent for sources that have no
   * such files.
   *
   * @returns null where the file does not exist.
   * @throws GradcamError `model` for a larger file.
   */
  readOptional?(name: string, maxBytes: number): Promise<Uint8Array | null>;
  /**
   * Opens weight files so that parts of them can be read. Absent for sources that give whole files only, such
   * as a server.
   *
   * @throws GradcamError `model` for a file that is missing or lies outside the folder.
   */
  openParts?(paths: readonly string[]): Promise<readonly FileParts[]>;
  /** A string that differs whenever one of these files may have changed. */
  identify?(paths: readonly string[]): Promise<string | null>;
}

/**
 * A model's files held in memory, such as files that were dropped on a page.
 *
 * Reading throws GradcamError `model` for a file that does not exist or is not bytes.
 */
export function modelFilesInMemory(
  files: Readonly<Record<string, Uint8Array>>,
  location = 'memory',
): ModelFiles {
  const onnx = findOnnxName(Object.keys(files));
  return {
    location,
    ...(onnx !== null && { onnx }),
    async readFile(path, maxBytes) {
      const bytes = Object.hasOwn(files, path) ? files[path] : undefined;
      if (bytes === undefined) {
        throw new GradcamError('model', `${location}: no file ${path}; the model needs it`);
      }
      if (!ArrayBuffer.isView(bytes)) {
        throw new GradcamError('model', `${location}: file ${path} is no Uint8Array`);
      }
      checkFileSize(bytes.byteLength, maxBytes, `${location}: file ${path}`);
      return bytes;
    },
    async readOptional(name, maxBytes) {
      return Object.hasOwn(files, name) ? this.readFile(name, maxBytes) : null;
    },
  };
}

/** The name of the only ONNX file, when there is no `model.json`; else null. */
export function findOnnxName(names: readonly string[]): string | null {
  if (names.includes('model.json')) return null;
  const [first, ...others] = names.filter(isOnnxName);
  return first === undefined || others.length > 0 ? null : first;
}

/** Whether a file's name, or an address without its query, says that it is an ONNX file. */
export function isOnnxName(name: string): boolean {
  return name.toLowerCase().endsWith('.onnx');
}

/**
 * Refuses a file that is larger than its reader can use.
 *
 * @throws GradcamError `model` naming both sizes.
 */
export function checkFileSize(found: number, maxBytes: number | undefined, where: string): void {
  if (maxBytes === undefined || found <= maxBytes) return;
  throw new GradcamError(
    'model',
    `${where} has ${found} bytes, where at most ${maxBytes} are expected; the model is damaged, or its files are of two models`,
  );
}
