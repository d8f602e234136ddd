import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ArtifactSink } from '../artifact/sink.ts';
import { WriteError } from '../errors.ts';

/** Writes an artifact's files into a folder that exists; every file is on the disk when closed. */
export function createDirectorySink(directory: string): ArtifactSink {
  return {
    async createFile(name) {
      const path = join(directory, basename(name));
      const fail = (cause: unknown): never => {
        throw new WriteError(path, cause);
      };
      const handle = await open(path, 'wx').catch(fail);
      const hash = createHash('sha256');
      return {
        async write(bytes) {
          hash.update(bytes);
          try {
            await handle.appendFile(bytes);
          } catch (cause) {
            await handle.close();
            fail(cause);
          }
        },
        async close() {
          try {
            await handle.sync();
          } catch (cause) {
            fail(cause);
          } finally {
            await handle.close();
          }
          return hash.digest('hex');
        },
      };
    },
  };
}
