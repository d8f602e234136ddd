import type { OnnxExport } from '@gradcam/core/onnx';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';

/** A file of an export. */
export interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Writes an exported model, whole or not at all: a file of that name is replaced at the very end,
 * the weights beside it before the model that reads them.
 *
 * @throws CommandError 73 where the folder cannot be made, 74 where a file cannot be written.
 */
export async function writeExport(
  out: string,
  { onnx, externalData }: Pick<OnnxExport, 'onnx' | 'externalData'>,
): Promise<WrittenFile[]> {
  const folder = path.dirname(out);
  await guard(folder, exitCodes.cannotCreate, () => mkdir(folder, { recursive: true }));
  const files = [
    { file: out, pieces: onnx },
    ...(externalData === null
      ? []
      : [{ file: path.join(folder, externalData.file), pieces: externalData.pieces }]),
  ];
  try {
    for (const { file, pieces } of files) {
      await guard(file, exitCodes.cannotWrite, () => writeFile(partOf(file), pieces));
    }
    for (const { file } of [...files].reverse()) {
      await guard(file, exitCodes.cannotWrite, () => rename(partOf(file), file));
    }
  } finally {
    for (const { file } of files) await rm(partOf(file), { force: true });
  }
  return files.map(({ file, pieces }) => ({
    file,
    bytes: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
  }));
}

/** Two exports to one name at a time do not write into each other's part. */
function partOf(file: string): string {
  return `${file}.${process.pid}.part`;
}

async function guard<T>(
  file: string,
  exitCode: typeof exitCodes.cannotCreate | typeof exitCodes.cannotWrite,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const { code = 'error' } = cause as NodeJS.ErrnoException;
    const verb = exitCode === exitCodes.cannotCreate ? 'created' : 'written';
    throw new CommandError(exitCode, `${file}: cannot be ${verb} (${code})`, { cause });
  }
}
