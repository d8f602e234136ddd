import { createHash } from 'node:crypto';
import { open as openFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactSink } from '../artifact/sink.ts';
import { WriteError } from '../errors.ts';

/** A sink of files. The code that creates it must always call `abandon` at the end, also after an error. */
export interface DirectorySink extends ArtifactSink {
  /** Waits for files that are still being stored and ignores their errors. */
  abandon(): Promise<void>;
}

/** The most files that are stored at the same time. Each is held in memory; a shard has 4 MiB. */
const MAX_PENDING = 4;

/**
 * Writes an artifact's files into an existing folder. Other threads write and sync a file while the next one
 * is made; `settle` waits for all of them. The digest is computed part by part: joining the parts, which
 * `crypto.subtle` would need, takes longer than the digest.
 */
export function createDirectorySink(directory: string): DirectorySink {
  const pending = new Set<Promise<unknown>>();
  let failure: unknown;

  function watch(work: Promise<unknown>): void {
    const watched = work
      .catch((error: unknown) => (failure ??= error))
      .finally(() => pending.delete(watched));
    pending.add(watched);
  }

  return {
    async createFile(name) {
      const path = join(directory, basename(name));
      while (pending.size >= MAX_PENDING) await Promise.race(pending);
      if (failure !== undefined) throw failure;
      const parts: Uint8Array[] = [];
      const hash = createHash('sha256');
      return {
        async write(bytes) {
          parts.push(bytes);
          hash.update(bytes);
        },
        async close() {
          watch(storeFile(path, parts));
          return hash.digest('hex');
        },
      };
    },
    async settle() {
      await Promise.all(pending);
      if (failure !== undefined) throw failure;
    },
    async abandon() {
      await Promise.all(pending);
    },
  };
}

async function storeFile(path: string, parts: readonly Uint8Array[]): Promise<void> {
  try {
    const handle = await openFile(path, 'wx');
    try {
      await writeFile(handle, parts);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}
