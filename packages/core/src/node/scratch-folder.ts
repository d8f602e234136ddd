import { rmSync } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GradcamError } from '../errors.ts';
import type { ScratchFolder } from '../onnx/mapped-weights.ts';

/**
 * A new folder of its own for a session of the ONNX engine, in the system's temporary folder unless
 * told otherwise; it is removed with the session, or when the process ends.
 *
 * ```ts
 * createOnnxEngine(ort, { scratch: () => createScratchFolder() });
 * ```
 *
 * @throws GradcamError `engine` where the folder or a file in it cannot be written or read.
 */
export async function createScratchFolder(parent = tmpdir()): Promise<ScratchFolder> {
  const folder = await attempt(parent, () => mkdtemp(path.join(parent, 'gradcam-')));
  const dispose = (): void => {
    process.off('exit', dispose);
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Windows keeps files that are still mapped; the system clears its temporary folder.
    }
  };
  process.on('exit', dispose);
  return {
    pathOf: (name) => path.join(folder, name),
    write: (name, pieces) =>
      attempt(folder, async () => {
        const file = await open(path.join(folder, name), 'w');
        try {
          for (const { offset, bytes } of pieces) {
            await file.write(bytes, 0, bytes.byteLength, offset);
          }
        } finally {
          await file.close();
        }
      }),
    read: (name, offset, bytes) =>
      attempt(folder, async () => {
        const file = await open(path.join(folder, name), 'r');
        try {
          const data = new Uint8Array(bytes);
          await file.read(data, 0, bytes, offset);
          return data;
        } finally {
          await file.close();
        }
      }),
    remove: (name) => rm(path.join(folder, name), { force: true }).catch(() => undefined),
    dispose,
  };
}

async function attempt<T>(where: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new GradcamError(
      'engine',
      `cannot keep files for ONNX Runtime in ${where}: ${(cause as Error).message}; TMPDIR names another folder`,
      { cause },
    );
  }
}
