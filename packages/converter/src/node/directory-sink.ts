import { webcrypto } from 'node:crypto';
import { open as openFile } from 'node:fs/promises';
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
 * Writes an artifact's files into an existing folder. Other threads compute the digest of a file, write it
 * and sync it while the next file is made; `settle` waits for all of them.
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
      return {
        async write(bytes) {
          parts.push(bytes);
        },
        close() {
          const [only = new Uint8Array(0)] = parts;
          const content = parts.length === 1 ? only : Buffer.concat(parts);
          const digest = computeDigest(content);
          watch(Promise.all([digest, storeFile(path, content)]));
          return digest;
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

async function computeDigest(content: Uint8Array): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', content);
  return Buffer.from(digest).toString('hex');
}

async function storeFile(path: string, content: Uint8Array): Promise<void> {
  try {
    const handle = await openFile(path, 'wx');
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw new WriteError(path, cause);
  }
}
