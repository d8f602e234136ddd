import { readableKinds } from '@gradcam/core/node';
import { isWebAddress } from '@gradcam/runs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { countLeftOut } from './left-out.ts';

/** Extensions of the files that are taken as images from folders and patterns. */
const imageExtensions: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  // Also JPEG: browsers on Windows and some older programs write this extension.
  '.jfif',
  '.jpe',
  '.pjpeg',
  '.pjp',
  '.webp',
  '.gif',
  '.tif',
  '.tiff',
  '.avif',
]);

const readable = `${readableKinds.slice(0, -1).join(', ')} and ${readableKinds.at(-1)}`;

export interface ListOptions {
  /** Reads the list of images from standard input. It is called for the argument `-`. */
  readonly readList: () => Promise<readonly string[]>;
  /** Receives a message about the files that are left out. */
  readonly note: (text: string) => void;
}

/** The images to explain, and a count of the files that were left out. */
export interface ListedImages {
  readonly images: readonly string[];
  /** How many files of each kind were left out of folders and patterns. It is empty if none were. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/**
 * Lists the images that the arguments mean, each once, in the order of the arguments and, within each
 * argument, in the order of names. An argument is a file, a folder, which stands for all images below it, a
 * pattern (`*`, `**`, `?`, `[..]`, `{..}`) if no file has that very name, a web address, or `-` for a list on
 * standard input.
 *
 * Other files in folders and patterns are counted by kind, each once, and a note reports the counts. The
 * entries of the list on standard input are not checked here: one that does not exist becomes a failure of
 * that image.
 *
 * @throws CommandError 66 if an argument does not exist, or if no image is found at all.
 */
export async function listImages(
  given: readonly string[],
  { readList, note }: ListOptions,
): Promise<ListedImages> {
  const found: string[] = [];
  const others: string[] = [];
  for (const argument of given) {
    if (argument === '-') found.push(...(await readList()));
    else if (isWebAddress(argument)) found.push(argument);
    else for (const file of await listArgument(argument, note, others)) found.push(file);
  }
  const otherFiles = new Set(others.map((file) => path.resolve(file)));
  const leftOut = await countLeftOut([...otherFiles]);
  const kinds = Object.entries(leftOut)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
  if (found.length === 0) {
    const what = kinds === '' ? '' : `; left out: ${kinds} (${readable} are read)`;
    throw new CommandError(exitCodes.noInput, `no images in ${given.join(', ')}${what}`);
  }
  if (kinds !== '') note(`left out: ${kinds} (only ${readable} are read, judged by the extension)`);
  const byPlace = new Map<string, string>();
  for (const image of found) {
    const place = isWebAddress(image) ? image : path.resolve(image);
    if (!byPlace.has(place)) byPlace.set(place, image);
  }
  return { images: [...byPlace.values()], leftOut };
}

async function listArgument(
  argument: string,
  note: (text: string) => void,
  leftOut: string[],
): Promise<string[]> {
  const stats = await stat(argument).catch(() => null);
  if (stats?.isDirectory()) return listFolder(argument, note, leftOut);
  if (stats !== null) return [argument];
  if (!isDynamicPattern(argument)) {
    throw new CommandError(exitCodes.noInput, `${argument}: no such file or folder`);
  }
  const files = await glob(argument, {
    absolute: path.isAbsolute(argument),
    expandDirectories: false,
  });
  const images = files.filter(hasImageExtension).sort(compareNames);
  if (images.length === 0) {
    throw new CommandError(
      exitCodes.noInput,
      `${argument}: no file has this name, and as a pattern it matches no image (${files.length} other files)`,
    );
  }
  for (const file of files) if (!hasImageExtension(file)) leftOut.push(file);
  return images;
}

async function listFolder(
  folder: string,
  note: (text: string) => void,
  leftOut: string[],
): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.noInput, `${folder}: cannot be read (${code})`, { cause });
  });
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('run.json') && names.has('results.jsonl')) {
    note(`${folder} is a run folder: its pictures are left out`);
    return [];
  }
  entries.sort((a, b) => compareNames(a.name, b.name));
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue;
    const file = path.join(folder, entry.name);
    if (entry.isDirectory())
      for (const below of await listFolder(file, note, leftOut)) found.push(below);
    else if (hasImageExtension(entry.name)) found.push(file);
    else leftOut.push(file);
  }
  return found;
}

function hasImageExtension(file: string): boolean {
  return imageExtensions.has(path.extname(file).toLowerCase());
}

/** Compares by UTF-16 code units, which gives the same order on every machine. */
function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
