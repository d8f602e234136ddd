import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The largest table or list of names that a flag gives: a million rows of 64 bytes. */
export const MAX_TEXT_BYTES = 2 ** 26;

/** The largest list on standard input: a million paths of 256 bytes. */
export const MAX_LIST_BYTES = 2 ** 28;

/**
 * Reads a stream whole, up to a limit, so that one without an end ends in an error.
 *
 * @param what begins the error: the flag and the file.
 * @throws CommandError 65 above `most` bytes.
 */
export async function readBounded(
  stream: AsyncIterable<unknown>,
  most: number,
  what: string,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).byteLength;
    if (size > most) {
      throw new CommandError(
        exitCodes.badData,
        `${what}: more than ${most / 2 ** 20} MB, the limit; is it the right file?`,
      );
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads a file of text that a flag names, up to {@link MAX_TEXT_BYTES}. A pipe that a shell makes
 * (`<(sort ..)`) is read as well: whoever names it waits for it.
 *
 * @param what the flag and the file.
 * @throws CommandError 66 for what cannot be read or is a folder, 65 for too much.
 */
export async function readText(file: string, what: string): Promise<Buffer> {
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) {
      throw new CommandError(exitCodes.noInput, `${what}: expected a file, found a folder`);
    }
    return await readBounded(createReadStream(file), MAX_TEXT_BYTES, what);
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    throw new CommandError(exitCodes.noInput, `${what}: cannot be read (${code})`, { cause });
  }
}
