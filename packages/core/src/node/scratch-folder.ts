import { rmSync } from 'node:fs';
import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GradcamError } from '../base/errors.ts';
import type { ScratchFolder } from '../engines/onnx/mapped-weights.ts';
import { removeAbandoned, temporaryName } from './temporary-name.ts';

/** The names of all scratch folders begin with this, because they hold weights that the runtime maps. */
const PREFIX = 'gradcam-weights-';

/** Advice for a temporary folder that is full or cannot be written. */
const ELSEWHERE = '; TMPDIR names another folder';

/**
 * Creates a folder for one session of the ONNX engine. It is removed with the session, or when the process
 * ends. Folders of killed processes are removed first.
 *
 * @param parent default: the system's temporary folder.
 *
 * ```ts
 * createOnnxEngine(ort, { scratch: () => createScratchFolder() });
 * ```
 *
 * @throws GradcamError `engine` where the folder or a file in it cannot be written or read.
 */
export async function createScratchFolder(parent = tmpdir()): Promise<ScratchFolder> {
  const prefix = path.join(parent, PREFIX);
  await removeAbandoned(prefix);
  const folder = temporaryName(prefix);
  await attempt(parent, ELSEWHERE, () => mkdir(folder, { mode: 0o700 }));
  const dispose = (): void => {
    process.off('exit', dispose);
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // Windows does not remove mapped files; the system clears its temporary folder later.
    }
  };
  process.on('exit', dispose);
  return { ...scratchFolderAt(folder, ELSEWHERE), dispose };
}

/**
 * A scratch folder that its caller removes.
 *
 * @param next advice that errors end with.
 */
export function scratchFolderAt(folder: string, next = ''): ScratchFolder {
  return {
    pathOf: (name) => path.join(folder, name),
    write: (name, pieces) =>
      attempt(folder, next, async () => {
        const file = await open(path.join(folder, name), 'w');
        try {
          for (const { offset, bytes } of pieces) await writeWhole(file, bytes, offset);
        } finally {
          await file.close();
        }
      }),
    read: (name, offset, bytes) =>
      attempt(folder, next, async () => {
        const file = await open(path.join(folder, name), 'r');
        try {
          return await readWhole(file, offset, bytes);
        } finally {
          await file.close();
        }
      }),
    remove: (name) => rm(path.join(folder, name), { force: true }).catch(() => undefined),
    dispose: () => {},
  };
}

/**
 * Writes all bytes. One call of the system writes at most 2 GiB, and on a disk that becomes full only the
 * bytes that still fit; it reports the full disk when asked to write the rest.
 */
async function writeWhole(file: FileHandle, bytes: Uint8Array, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) {
    const { bytesWritten } = await file.write(bytes, done, bytes.byteLength - done, offset + done);
    done += bytesWritten;
  }
}

async function readWhole(
  file: FileHandle,
  offset: number,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const data = new Uint8Array(bytes);
  let done = 0;
  while (done < bytes) {
    const { bytesRead } = await file.read(data, done, bytes - done, offset + done);
    if (bytesRead === 0) throw new Error(`the file ends after ${offset + done} bytes`);
    done += bytesRead;
  }
  return data;
}

async function attempt<T>(where: string, next: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    throw new GradcamError(
      'engine',
      `cannot keep files for ONNX Runtime in ${where}: ${(cause as Error).message}${next}`,
      { cause },
    );
  }
}
