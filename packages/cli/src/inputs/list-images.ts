import { readableKinds } from '@gradcam/core/node';
import { isWebAddress } from '@gradcam/runs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { countLeftOut } from './left-out.ts';

/** Extensions of the files that are taken from folders and patterns. */
const imageExtensions: ReadonlySet<string> = new Set([
  '.png',
  '.jpg',
  '.jpeg',
  // JPEG too: as browsers on Windows name it, and older programs.
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
  /** Reads the list that the argument `-` stands for. */
  readonly readList: () => Promise<readonly string[]>;
  /** Told of what is left out. */
  readonly note: (text: string) => void;
}

/** The images that are explained, and the files that are not. */
export interface ListedImages {
  readonly images: readonly string[];
  /** The kinds of the other files in folders and patterns, with their counts; empty where there are none. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/**
 * The images that the arguments mean, each once, in the order of the arguments and in each of them in
 * the order of names: files as they are, folders with all images below them, patterns (`*`, `**`, `?`,
 * `[..]`, `{..}`) where no file has that very name, web addresses, and `-` for a list on standard input.
 *
 * What folders and patterns have besides is counted by kind, each file once, in a note too. An
 * entry of the list is not looked at here: one that is not there is a failure of its own.
 *
 * @throws CommandError 66 for an argument that is not there, and where no image is found at all.
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

/** By code units: the same order on every machine. */
function compareNames(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
