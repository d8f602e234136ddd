import { findFileInside } from '@gradcam/runs';
import { readFile, stat } from 'node:fs/promises';
import { CommandError, exitCodes } from '../../exit-codes.ts';

/** The largest file of an evaluation that is read, as for the page of the server. */
const MAX_EVALUATION_BYTES = 2 ** 28;

/**
 * The text of a file of an evaluation.
 *
 * @returns null where the folder has no such file of its own.
 * @throws CommandError 65 for a file above {@link MAX_EVALUATION_BYTES}.
 */
export async function readEvaluationText(folder: string, name: string): Promise<string | null> {
  const file = await findFileInside(folder, [name]);
  if (file === null) return null;
  const { size } = await stat(file);
  if (size <= MAX_EVALUATION_BYTES) return readFile(file, 'utf8');
  throw new CommandError(
    exitCodes.badData,
    `${file}: has ${size} bytes, and at most ${MAX_EVALUATION_BYTES} are read`,
  );
}
