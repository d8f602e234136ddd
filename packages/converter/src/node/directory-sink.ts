import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactSink } from '../artifact/sink.ts';
import { WriteError } from '../errors.ts';

/**
 * Writes an artifact's files into a folder that exists. Files go to the disk while the next ones are
 * written; `settle` waits for all of them.
 */
export function createDirectorySink(directory: string): ArtifactSink {
  const storing: Promise<void>[] = [];
  return {
    async createFile(name) {
      const path = join(directory, basename(name));
      const handle = await open(path, 'wx').catch((cause: unknown) => {
        throw new WriteError(path, cause);
      });
      const hash = createHash('sha256');
      return {
        async write(bytes) {
          hash.update(bytes);
          await handle.appendFile(bytes).catch(async (cause: unknown) => {
            await handle.close();
            throw new WriteError(path, cause);
          });
        },
        async close() {
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
