/** Where a model's files come from: a folder, a server, memory. */
export interface ModelFiles {
  /** How errors and `run.json` name it. */
  readonly location: string;
  /** Reads a file beside `model.json`, or `model.json` itself. */
  readFile(path: string): Promise<Uint8Array>;
  /** A text that is another one whenever one of these files may have changed. */
  identify?(paths: readonly string[]): Promise<string | null>;
}

/** A model's files held in memory, e.g. those that a page dropped. */
export function modelFilesInMemory(
  files: Readonly<Record<string, Uint8Array>>,
  location = 'memory',
): ModelFiles {
  return {
    location,
    async readFile(path) {
      const bytes = Object.hasOwn(files, path) ? files[path] : undefined;
      if (bytes === undefined) throw new Error(`${location}: no file ${path}`);
      return bytes;
    },
  };
}
