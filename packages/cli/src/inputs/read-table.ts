import { isWebAddress } from '@gradcam/runs';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A row of a table, with the number of its line. */
export interface TableRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/** What stands between the cells of a row: Excel writes semicolons where a comma is the decimal point. */
const SEPARATORS = [',', ';', '\t'];

/**
 * Parses a table of CSV. Empty lines are left out, and spaces around cells. Cells are separated by semicolons
 * or tabs where the first line then names a column of images; else by commas.
 *
 * @param where how errors name the table.
 * @throws CommandError 65 for bytes that are not CSV.
 */
export async function readTable(where: string, bytes: Uint8Array): Promise<TableRow[]> {
  const { parse } = await import('csv-parse/sync');
  try {
    const options = { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true };
    const table = Buffer.from(bytes);
    const namesImages = (delimiter: string): boolean => {
      try {
        const [first = []] = parse(table, { ...options, delimiter, to: 1 });
        return first.length > 1 && first.some(isImageColumn);
      } catch {
        // With another separator a quote may stand in the middle of a cell.
        return false;
      }
    };
    const delimiter = SEPARATORS.find(namesImages) ?? ',';
    const records = parse(table, { ...options, delimiter, info: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    return records.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (cause) {
    throw new CommandError(exitCodes.badData, `${where}: ${(cause as Error).message}`, { cause });
  }
}

/** Whether a cell of the first line names the column of images. */
export function isImageColumn(cell: string): boolean {
  return /^(path|image|file|filename)$/i.test(cell);
}

/** Where a run has an image of a table; a path is absolute. */
export type Places = ReadonlySet<string>;

/** The places of a run's images, as {@link findPlace} looks them up. */
export function listPlaces(images: readonly string[]): Places {
  return new Set(images.map(placeOf));
}

/** The place of an image of a run. */
export function placeOf(image: string): string {
  return isWebAddress(image) ? image : path.resolve(image);
}

/**
 * The image of a run that a table names: a relative path starts from the table's folder or from the current
 * one. Null where it is not in the run.
 *
 * @param where how errors name the row.
 * @throws CommandError 65 where the run has an image in both places.
 */
export function findPlace(
  image: string,
  { table, places, where }: { readonly table: string; readonly places: Places; where: string },
): string | null {
  if (isWebAddress(image)) return places.has(image) ? image : null;
  const [beside, here] = [path.resolve(path.dirname(table), image), path.resolve(image)];
  if (beside !== here && places.has(beside) && places.has(here)) {
    throw new CommandError(
      exitCodes.badData,
      `${where}: ${image} is both ${beside} and ${here} of the run; write whole paths into the table`,
    );
  }
  return [beside, here].find((place) => places.has(place)) ?? null;
}
