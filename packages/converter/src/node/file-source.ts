import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FormatError, NotFoundError } from '../errors.ts';
import { checkRange, type RandomAccessSource, type SourceFolder } from '../bytes/source.ts';

/** An open file as a source. The caller must close it. */
export interface FileSource extends RandomAccessSource {
  close(): Promise<void>;
}

/** A folder whose files are opened as sources. `close` closes all files that were opened. */
export interface FileFolder extends SourceFolder {
  close(): Promise<void>;
}

/**
 * Opens a file for random access.
 *
 * @throws NotFoundError when the path does not exist or is not a file
 */
export async function openFileSource(path: string): Promise<FileSource> {
  const handle = await openRegularFile(path);
  const { size } = await handle.stat();
  const source: FileSource = {
    name: basename(path),
    byteLength: size,
    async read(offset, length) {
      checkRange(source, offset, length);
      // The memory is not filled with zeros first, because every byte is written or an error is thrown. No
      // Buffer is passed on, because its `slice` does not copy.
      const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      for (let filled = 0; filled < length;) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) {
          throw new FormatError(source.name, 'the file became shorter while it was read', offset);
        }
        filled += bytesRead;
      }
      return bytes;
    },
    close: () => handle.close(),
  };
  return source;
}

/** Opens the files of a folder by name. A name that contains a path is never opened. */
export function openFileFolder(path: string): FileFolder {
  const opened = new Map<string, Promise<FileSource>>();
  return {
    async open(name) {
      if (name !== basename(name) || name === '..' || name === '.') return undefined;
      const file = join(path, name);
      if (!(await isFile(file))) return undefined;
      const source = opened.get(name) ?? openFileSource(file);
      opened.set(name, source);
      return source;
    },
    async close() {
      for (const source of opened.values()) await (await source).close();
      opened.clear();
    },
  };
}

/** True when `path` is a regular file (or a link to one). */
export async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function openRegularFile(path: string): Promise<FileHandle> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new NotFoundError(path, `${path}: no such file${describeCause(cause)}`);
  });
  if (!found.isFile()) throw new NotFoundError(path, `${path} is not a file; give a weight file`);
  return open(path, 'r').catch((cause: unknown) => {
    throw new NotFoundError(path, `${path} cannot be opened${describeCause(cause)}`);
  });
}

function describeCause(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return code === '' || code === 'ENOENT' ? '' : ` (${code})`;
}
