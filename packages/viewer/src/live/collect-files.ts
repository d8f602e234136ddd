import type { ModelBlob } from '@gradcam/core/browser';
import type { GivenFiles } from './dropped-files.ts';

/** The most files in a dropped folder. A model has some dozens; a folder with more is not just a model. */
const MOST_FILES = 1000;

/** Files that cannot be accepted. The message is one line with the reason. */
export class CollectFailure extends Error {}

/**
 * Collects dropped files, or one folder with everything in it. Files and folders whose names begin with a
 * dot are left out, such as those of a repository.
 *
 * The browser provides the content of a drop only during the event, so that part is done before the first
 * `await`.
 *
 * @throws CollectFailure for several folders, or for one with too many files.
 */
export async function collectDropped(data: DataTransfer): Promise<GivenFiles> {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const folders = entries.filter((entry) => entry.isDirectory);
  const [folder] = folders;
  if (folder === undefined) return collectFiles(data.files);
  if (entries.length > 1) {
    throw new CollectFailure(
      `${folder.name} is a folder, and ${entries.length - 1} more were dropped with it; drop a model's folder alone, and the picture after it`,
    );
  }
  const files: ModelBlob[] = [];
  await walk(folder as FileSystemDirectoryEntry, '', folder.name, files);
  return { folder: folder.name, files };
}

/** Collects files that were chosen in a dialog, or dropped without a folder. */
export function collectFiles(list: FileList): GivenFiles {
  const files = [...list];
  const [folder = ''] = files[0]?.webkitRelativePath.split('/') ?? [];
  if (folder === '') {
    return {
      folder: null,
      files: files.map((blob) => ({ path: blob.name || 'pasted image', blob })),
    };
  }
  const inside = files
    .map((blob) => ({ path: blob.webkitRelativePath.slice(folder.length + 1), blob }))
    .filter(({ path }) => !/(^|\/)\./.test(path));
  checkCount(inside.length, folder);
  return { folder, files: inside };
}

async function walk(
  folder: FileSystemDirectoryEntry,
  path: string,
  root: string,
  found: ModelBlob[],
): Promise<void> {
  for (const entry of await listEntries(folder)) {
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory) {
      await walk(entry as FileSystemDirectoryEntry, `${path}${entry.name}/`, root, found);
    } else {
      found.push({ path: path + entry.name, blob: await openFile(entry as FileSystemFileEntry) });
      checkCount(found.length, root);
    }
  }
}

/** Lists a folder. A directory reader returns the entries in parts, and an empty part is the last. */
async function listEntries(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    ).catch(refuseUnreadable(folder));
    if (part.length === 0) return all;
    all.push(...part);
  }
}

function openFile(entry: FileSystemFileEntry): Promise<File> {
  return new Promise<File>((resolve, reject) => entry.file(resolve, reject)).catch(
    refuseUnreadable(entry),
  );
}

function refuseUnreadable({ name }: FileSystemEntry): (error: Error) => never {
  return (error) => {
    throw new CollectFailure(`${name} cannot be read (${error.message})`);
  };
}

function checkCount(count: number, folder: string): void {
  if (count <= MOST_FILES) return;
  throw new CollectFailure(
    `${folder} holds over ${MOST_FILES} files; drop the folder of one model, or its files`,
  );
}
