import { closeSync, openSync, readSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FileParts } from '../artifact/defer-weights.ts';
import { GradcamError, isGradcamError } from '../base/errors.ts';
import { checkFileSize, type ModelFiles } from '../readers/model-files.ts';
import { findModelJson } from './model-json-file.ts';
import { findOnnxPath, listSidecarFolders } from './onnx-path.ts';

/**
 * Opens a folder with a model's JSON and its shards, as tfjs saves them, or the path of the JSON itself (see
 * {@link findModelJson}); or an ONNX file, or a folder that holds one (see {@link findOnnxPath}).
 *
 * Reading throws GradcamError `model` for a file that is missing or lies outside the folder.
 */
export function openModelFolder(folder: string): ModelFiles {
  const found = findModelJson(folder);
  const onnx = found === null ? findOnnxPath(folder) : null;
  const main = onnx ?? found ?? path.join(rootOf(folder), 'model.json');
  const mainName = onnx === null ? 'model.json' : path.basename(onnx);
  const root = path.dirname(main);
  const sidecarRoots = onnx === null ? [root] : listSidecarFolders(onnx);
  const placeOf = (name: string): string => (name === mainName ? main : path.resolve(root, name));
  return {
    location: folder,
    onnx: onnx === null ? undefined : mainName,
    async identify(paths) {
      const lines = paths.map(async (name) => {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(await existing(placeOf(name)), {
          bigint: true,
        });
        return `${name} ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
      });
      // A missing file is reported by the code that reads it later.
      return (await Promise.all(lines).catch(() => [])).join('\n') || null;
    },
    async readOptional(name, maxBytes) {
      // A plain name cannot leave the folder, and reading something other than a file (a pipe) may never end.
      if (path.basename(name) !== name) return null;
      for (const around of sidecarRoots) {
        const file = path.join(around, name);
        const stats = await stat(file).catch(() => null);
        if (stats?.isFile() !== true) continue;
        checkFileSize(stats.size, maxBytes, `model ${folder}: file ${name}`);
        return readFile(file);
      }
      return null;
    },
    readFile: (name, maxBytes) =>
      withFile(name, async (file) => {
        checkFileSize((await stat(file)).size, maxBytes, `model ${folder}: file ${name}`);
        return readFile(file);
      }),
    openParts: (names) =>
      Promise.all(
        names.map((name) =>
          withFile(name, async (file) => {
            const { size } = await stat(file);
            return { byteLength: size, read: partReader(file, `model ${folder}: file ${name}`) };
          }),
        ),
      ),
  };

  /** Gives the path of a file of the model to `use`. An error of the system says that the file is missing. */
  async function withFile<T>(name: string, use: (file: string) => Promise<T>): Promise<T> {
    const place = placeOf(name);
    const file = await existing(place);
    if ([place, file].some((one) => isOutside(root, one))) {
      throw new GradcamError('model', `${folder}: file ${name} lies outside the model's folder`);
    }
    try {
      return await use(file);
    } catch (cause) {
      if (isGradcamError(cause)) throw cause;
      const isFolder = await stat(root).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      const what = isFolder ? `has no file ${name}` : 'is not a folder';
      throw new GradcamError('model', `model ${folder} ${what}`, { cause });
    }
  }
}

/** Reads parts of a file. It is open only while it is read, because a model may have hundreds of files. */
function partReader(file: string, where: string): FileParts['read'] {
  return (offset, count) => {
    const bytes = new Uint8Array(count);
    let done = 0;
    try {
      const descriptor = openSync(file, 'r');
      try {
        while (done < count) {
          const found = readSync(descriptor, bytes, done, count - done, offset + done);
          if (found === 0) break;
          done += found;
        }
      } finally {
        closeSync(descriptor);
      }
    } catch (cause) {
      throw new GradcamError('model', `${where} cannot be read: ${(cause as Error).message}`, {
        cause,
      });
    }
    if (done === count) return bytes;
    throw new GradcamError(
      'model',
      `${where} became shorter while it was read; start again when nothing writes to it`,
    );
  };
}

/** The folder that a path names; for the path of a missing JSON file, the folder that would hold it. */
function rootOf(location: string): string {
  return path.basename(location) === 'model.json' ? path.dirname(location) : location;
}

function isOutside(root: string, file: string): boolean {
  return path.relative(path.resolve(root), path.resolve(file)).startsWith('..');
}

/** A manifest made for the web may percent-encode its names: `my%20net.bin` means the file `my net.bin`. */
async function existing(file: string): Promise<string> {
  if (!file.includes('%') || (await isThere(file))) return file;
  try {
    const decoded = decodeURIComponent(file);
    return (await isThere(decoded)) ? decoded : file;
  } catch {
    return file;
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
