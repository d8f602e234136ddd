import { GradcamError } from '../base/errors.ts';

/** Where a model's files come from: a folder, a server, memory. */
export interface ModelFiles {
  /** How errors and `run.json` name it. */
  readonly location: string;
  /** Name of the ONNX file, where the model is one; without it the model is a `model.json`. */
  readonly onnx?: string;
  /**
   * Reads a file beside `model.json`, or `model.json` itself.
   *
   * @param maxBytes what is of use at most: who can tell that a file is larger refuses it unread.
   */
  readFile(path: string, maxBytes?: number): Promise<Uint8Array>;
  /**
   * Reads a file that may lie beside `model.json`, by its name alone. Absent where nothing can lie there.
   *
   * @returns null where it is not there.
   * @throws GradcamError `model` for one that is larger.
   */
  readOptional?(name: string, maxBytes: number): Promise<Uint8Array | null>;
  /** A text that is another one whenever one of these files may have changed. */
  identify?(paths: readonly string[]): Promise<string | null>;
}

/**
 * A model's files held in memory, e.g. those that a page dropped.
 *
 * Reading throws GradcamError `model` for a file that is not there, or is not bytes.
 */
export function modelFilesInMemory(
  files: Readonly<Record<string, Uint8Array>>,
  location = 'memory',
): ModelFiles {
  const onnx = findOnnxName(Object.keys(files));
  return {
    location,
    ...(onnx === null ? {} : { onnx }),
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

/** The ONNX file among a model's files: the only one, where no `model.json` is there. */
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
 * For those who read files: refuses one that is larger than anyone has a use for.
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
