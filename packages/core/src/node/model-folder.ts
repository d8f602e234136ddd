import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { GradcamError, isGradcamError } from '../errors.ts';
import { checkFileSize, type ModelFiles } from '../model/model-files.ts';

/**
 * A folder with `model.json` and its shards, as tfjs saves it; the path of the `model.json` works too.
 *
 * Reading throws GradcamError `model` for a file that is missing or leaves the folder.
 */
export function openModelFolder(folder: string): ModelFiles {
  const root = path.basename(folder) === 'model.json' ? path.dirname(folder) : folder;
  return {
    location: folder,
    async identify(paths) {
      const lines = paths.map(async (name) => {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path.resolve(root, name), {
          bigint: true,
        });
        return `${name} ${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
      });
      // A file that is not there is told by whoever reads it.
      return (await Promise.all(lines).catch(() => [])).join('\n') || null;
    },
    async readFile(name, maxBytes) {
      const file = path.resolve(root, name);
      if (path.relative(path.resolve(root), file).startsWith('..')) {
        throw new GradcamError(
          'model',
          `${folder}: file ${name} lies outside of the model's folder`,
        );
      }
      try {
        checkFileSize((await stat(file)).size, maxBytes, `model ${folder}: file ${name}`);
        return await readFile(file);
      } catch (cause) {
        if (isGradcamError(cause)) throw cause;
        const isFolder = await stat(root).then(
          (stats) => stats.isDirectory(),
          () => false,
        );
        const what = isFolder ? `has no file ${name}` : 'is not a folder';
        throw new GradcamError('model', `model ${folder} ${what}`, { cause });
      }
    },
  };
}
