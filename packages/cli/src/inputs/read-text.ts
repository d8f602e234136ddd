import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** The largest table or list of names that a flag can name: a million rows of 64 bytes. */
export const MAX_TEXT_BYTES = 2 ** 26;

/** The largest list on standard input: a million paths of 256 bytes. */
export const MAX_LIST_BYTES = 2 ** 28;

/**
 * Reads a whole stream up to a limit, so that an endless stream ends in an error.
 *
 * @param what the flag and the file, with which the error message begins.
 * @throws CommandError 65 for a stream of more than `most` bytes.
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
 * Reads a text file that a flag names, up to {@link MAX_TEXT_BYTES}. It also reads a pipe that a shell makes
 * (`<(sort ..)`), and waits until the pipe ends.
 *
 * @param what the flag and the file, with which the error message begins.
 * @throws CommandError 66 for a file that cannot be read or is a folder, 65 for one above the limit.
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
