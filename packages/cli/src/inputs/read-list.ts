import { readPictureKind } from '@gradcam/core/node';
import type { Readable } from 'node:stream';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { MAX_LIST_BYTES, readBounded } from './read-text.ts';

/**
 * Reads a list of files and web addresses: one in each line or, as `find -print0` writes it, with a zero byte
 * after each. Blank lines are skipped. A carriage return at the end of a line and a byte order mark before
 * the first line do not belong to the names.
 *
 * @throws CommandError 65 above `MAX_LIST_BYTES`, 64 if the input is a picture and not a list.
 */
export async function readList(stream: Readable, isNullSeparated: boolean): Promise<string[]> {
  const bytes = await readBounded(stream, MAX_LIST_BYTES, 'the list on standard input');
  const kind = bytes.includes(0) && !isNullSeparated ? readPictureKind(bytes) : null;
  if (kind !== null) {
    throw new CommandError(
      exitCodes.usage,
      `standard input: expected names of images, one per line, found a file of kind ${kind}; give the name of the file instead`,
    );
  }
  const text = bytes.toString('utf8');
  if (isNullSeparated) return text.split('\0').filter((entry) => entry !== '');
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '');
}
