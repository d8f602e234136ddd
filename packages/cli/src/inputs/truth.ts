import type { ClassNames } from '@gradcam/core';
import { isWebAddress, type GroundTruth, type TrueClass } from '@gradcam/runs';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { readClassName } from './class-name.ts';
import { findPlace, isImageColumn, listPlaces, placeOf, readTable } from './read-table.ts';
import { readText } from './read-text.ts';

/** A source of ground truth, which gives the name of each image's class. */
interface Source {
  readonly digest: string;
  /** The name of the image's class and where it was read. */
  nameOf(image: string): { readonly name: string; readonly where: string } | undefined;
}

/**
 * Reads ground truth: a table `path,class`, or a folder in which each image lies below a folder that has the
 * name of its class. Classes are WordNet ids, labels (also with `_` for spaces) or indices.
 *
 * @param images all images of the run; every name is checked before any work begins.
 * @throws CommandError 66 if `source` does not exist, 65 for a table that cannot be read or for a name that
 *   no class, or more than one, has.
 */
export async function readTruth(
  source: string,
  images: readonly string[],
  names: ClassNames,
  classes: number,
): Promise<GroundTruth> {
  const stats = await stat(source).catch(() => null);
  if (stats === null) {
    throw new CommandError(exitCodes.noInput, `--truth ${source}: no such file or folder`);
  }
  const { digest, nameOf } = stats.isDirectory()
    ? openFolder(source)
    : await openTable(source, images);
  const known = new Map<string, TrueClass>();
  const find = (image: string): TrueClass | undefined => {
    const found = nameOf(image);
    if (found === undefined) return undefined;
    const { name, where } = found;
    const index = known.get(name) ?? findClass(name, where, names, classes);
    known.set(name, index);
    return index;
  };
  for (const image of images) find(image);
  return { digest, find };
}

function findClass(name: string, where: string, names: ClassNames, classes: number): TrueClass {
  const found = readClassName(name, { names, count: classes });
  if ('index' in found) return found;
  throw new CommandError(exitCodes.badData, `--truth ${where}: ${found.reason}`);
}

function openFolder(folder: string): Source {
  const root = path.resolve(folder);
  return {
    digest: digest(path.basename(root)),
    nameOf(image) {
      if (isWebAddress(image)) return undefined;
      const steps = path.relative(root, path.resolve(image)).split(path.sep);
      if (steps.length < 2 || steps[0] === '..' || path.isAbsolute(steps[0]!)) return undefined;
      return { name: steps[0]!, where: path.join(folder, steps[0]!) };
    },
  };
}

async function openTable(file: string, images: readonly string[]): Promise<Source> {
  const places = listPlaces(images);
  const bytes = await readText(file, `--truth ${file}`);
  const rows = await parseTable(file, bytes);
  const byPlace = new Map<string, { name: string; where: string }>();
  for (const { image, name, line } of rows) {
    const where = `${file} line ${line}`;
    const place = findPlace(image, { table: file, places, where: `--truth ${where}` });
    if (place === null) continue;
    const other = byPlace.get(place);
    if (other !== undefined && other.name !== name) {
      throw new CommandError(
        exitCodes.badData,
        `--truth ${where}: ${image} is '${name}' here and '${other.name}' in ${other.where}`,
      );
    }
    byPlace.set(place, { name, where });
  }
  return {
    digest: digest(bytes),
    nameOf: (image) => byPlace.get(placeOf(image)),
  };
}

async function parseTable(
  file: string,
  bytes: Uint8Array,
): Promise<{ image: string; name: string; line: number }[]> {
  const rows = (await readTable(`--truth ${file}`, bytes)).map(({ cells, line }) => {
    const [image = '', name = ''] = cells;
    if (image !== '' && name !== '') return { image, name, line };
    throw new CommandError(
      exitCodes.badData,
      `--truth ${file} line ${line}: expected path,class; found '${cells.join(',')}'`,
    );
  });
  return rows[0] !== undefined && isHeader(rows[0]) ? rows.slice(1) : rows;
}

/** Whether the first line names the columns. */
function isHeader({ image, name }: { image: string; name: string }): boolean {
  return isImageColumn(image) && /^(class|label|truth|target|wnid)$/i.test(name);
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
