import type { OnnxExport } from '@gradcam/core/export';
import { claimPart } from '@gradcam/runs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { CommandError, exitCodes } from '../../exit-codes.ts';

/** A file of an export. */
export interface WrittenFile {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Writes an exported model, whole or not at all. An existing file of that name is replaced at the very end,
 * and a weight file is written before the model that reads it. An earlier model is removed before its weights
 * are replaced.
 *
 * @throws CommandError 73 if the folder cannot be created, 74 if a file cannot be written.
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
  const parts = new Map<string, string>();
  for (const { file } of files) parts.set(file, await claimPart(file));
  try {
    for (const { file, pieces } of files) {
      await guard(file, exitCodes.cannotWrite, () => writeFile(parts.get(file)!, pieces));
    }
    // Two files cannot be replaced in one step. No model is better than an earlier model with other weights.
    const isPair = externalData !== null && existsSync(files.at(-1)!.file);
    if (isPair) await guard(out, exitCodes.cannotWrite, () => rm(out, { force: true }));
    for (const { file } of [...files].reverse()) {
      await guard(file, exitCodes.cannotWrite, () => rename(parts.get(file)!, file));
    }
  } finally {
    for (const part of parts.values()) await rm(part, { force: true }).catch(() => undefined);
  }
  return files.map(({ file, pieces }) => ({
    file,
    bytes: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
  }));
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
