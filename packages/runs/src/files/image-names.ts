import path from 'node:path';
import { isWebAddress } from '../images/web-address.ts';
import { nameImageFolder } from './file-names.ts';

/** How images are called in a run, whichever folder its starts were made from. */
export interface ImageNames {
  /** `files.original` of `run.json`: from the run's folder to the one that relative paths start from. */
  readonly original: string;
  /** The same for the same image of another start. */
  placeOf(image: string): string;
  placeOfLine(image: string): string;
  /** `image` of the image's line. */
  lineOf(image: string): string;
  /** Folder of the image's files, one that no other image has. */
  folderOf(image: string): string;
  /** Folders that hold images of a start before. */
  take(folders: readonly string[]): void;
}

/** @param original of the run that is resumed. */
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
    folderOf(image) {
      const name = lineOf(image);
      const known = folders.get(name);
      if (known !== undefined) return known;
      const folder = `images/${nameImageFolder(name, (one) => taken.has(`images/${one}`))}`;
      taken.add(folder);
      folders.set(name, folder);
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
