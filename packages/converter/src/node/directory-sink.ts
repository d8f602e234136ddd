import { createHash } from 'node:crypto';
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactSink } from '../artifact/sink.ts';
import { WriteError } from '../errors.ts';

/** A sink of files; whoever makes it calls `abandon` in the end, come what may. */
export interface DirectorySink extends ArtifactSink {
  /** Closes files that were never finished, and waits for those still being stored. */
  abandon(): Promise<void>;
}

/**
 * Writes an artifact's files into a folder that exists. Files go to the disk while the next ones are
 * written; `settle` waits for all of them.
 */
export function createDirectorySink(directory: string): DirectorySink {
  const storing: Promise<void>[] = [];
  const open = new Set<FileHandle>();
  return {
    async createFile(name) {
      const path = join(directory, basename(name));
      const handle = await openFile(path, 'wx').catch((cause: unknown) => {
        throw new WriteError(path, cause);
      });
      open.add(handle);
      const hash = createHash('sha256');
      return {
        async write(bytes) {
          hash.update(bytes);
          await handle.appendFile(bytes).catch((cause: unknown) => {
            throw new WriteError(path, cause);
          });
        },
        async close() {
          open.delete(handle);
          const stored = storeFile(handle, path);
          // Heard in `settle`; until then a failure is nobody's unhandled rejection.
          stored.catch(() => undefined);
          storing.push(stored);
          return hash.digest('hex');
        },
      };
    },
    async settle() {
      await Promise.all(storing);
    },
    async abandon() {
      await Promise.allSettled([...storing, ...[...open].map((handle) => handle.close())]);
      open.clear();
    },
  };
}

async function storeFile(handle: FileHandle, path: string): Promise<void> {
  try {
    await handle.sync();
  } catch (cause) {
    throw new WriteError(path, cause);
  } finally {
    await handle.close();
  }
}
