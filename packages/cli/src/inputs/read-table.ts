import { isWebAddress } from '@gradcam/runs';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A row of a table, with the number of its line. */
export interface TableRow {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Parses a CSV table. Empty lines are left out, and spaces around cells.
 *
 * @param where how errors name the table.
 * @throws CommandError 65 for bytes that are not CSV.
 */
export async function readTable(where: string, bytes: Uint8Array): Promise<TableRow[]> {
  const { parse } = await import('csv-parse/sync');
  try {
    const records = parse(Buffer.from(bytes), {
      bom: true,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return records.map(({ record, info }) => ({ cells: record, line: info.lines }));
  } catch (cause) {
    throw new CommandError(exitCodes.badData, `${where}: ${(cause as Error).message}`, { cause });
  }
}

/** Whether a cell of the first line names the column of images. */
export function isImageColumn(cell: string): boolean {
  return /^(path|image|file|filename)$/i.test(cell);
}

/** Where an image of a table may be: a relative path starts from the table's folder or the current one. */
export function placesOf(image: string, table: string): readonly string[] {
  if (isWebAddress(image)) return [image];
  return [path.resolve(path.dirname(table), image), path.resolve(image)];
}
