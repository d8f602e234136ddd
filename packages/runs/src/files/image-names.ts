import path from 'node:path';
import { isWebAddress } from '../images/web-address.ts';
import { nameImageFolder } from './file-names.ts';

/** The names of images in a run. Every start of the run gives the same names, from any working directory. */
export interface ImageNames {
  /**
   * `files.original` of `run.json`: the path from the run folder to the folder that relative paths start
   * from.
   */
  readonly original: string;
  /** Absolute path or address: equal for the same image in every start. */
  placeOf(image: string): string;
  /** The same for an image that a line names. */
  placeOfLine(image: string): string;
  /** The name that the image's line has in `image`. */
  lineOf(image: string): string;
  /** Folder of the image's files, `images/<name>`; no other image has it, and each question has its own. */
  folderOf(image: string, question?: string): string;
  /** Marks folders as used by images of an earlier start. */
  take(folders: readonly string[]): void;
}

/** @param original `files.original` of the run that is resumed; undefined for a new run. */
export function nameImages(runFolder: string, original: string | undefined): ImageNames {
  const here = process.cwd();
  const base = original === undefined ? here : path.resolve(runFolder, original);
  const isAddress = isWebAddress;
  const folders = new Map<string, string>();
  const taken = new Set<string>();
  const placeOf = (image: string): string => (isAddress(image) ? image : path.resolve(image));
  const lineOf = (image: string): string =>
    isAddress(image) || path.isAbsolute(image) || base === here
      ? image
      : path.relative(base, path.resolve(image));
  return {
    original: original ?? toPosix(path.relative(path.resolve(runFolder), base) || '.'),
    placeOf,
    placeOfLine: (image) => (isAddress(image) ? image : path.resolve(base, image)),
    lineOf,
    folderOf(image, question) {
      const name = lineOf(image);
      const key = question === undefined ? name : `${name}\n${question}`;
      const known = folders.get(key);
      if (known !== undefined) return known;
      const folder = `images/${nameImageFolder(name, (one) => taken.has(`images/${one}`), key)}`;
      taken.add(folder);
      folders.set(key, folder);
      return folder;
    },
    take(given) {
      for (const folder of given) taken.add(folder);
    },
  };
}

function toPosix(folder: string): string {
  return folder.split(path.sep).join('/');
}
