import { findCacheDirectory } from '@gradcam/converter/node';
import { access, constants, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isModelPlace, listModelFolders } from '../../models/model-folders.ts';

export interface FolderReport {
  readonly folder: string;
  readonly exists: boolean;
  /** Whether files can be written there or, if the folder does not exist, whether it could be created. */
  readonly writable: boolean;
}

export interface ModelFolderReport extends FolderReport {
  /** Ids of the models in the folder. */
  readonly models: readonly string[];
}

/** Checks the folders in which models are looked for, in the order of the search. */
export async function checkModelFolders(given: string | undefined): Promise<ModelFolderReport[]> {
  return Promise.all(
    listModelFolders(given).map(async (folder) => {
      const names = await readdir(folder).catch(() => []);
      const models = names.filter((name) => isModelPlace(path.join(folder, name))).sort();
      return { ...(await checkFolder(folder)), models };
    }),
  );
}

/** Checks the folder of downloads and adds up the sizes of its files. */
export async function checkCache(): Promise<FolderReport & { readonly bytes: number }> {
  const folder = findCacheDirectory();
  return { ...(await checkFolder(folder)), bytes: await countBytes(folder) };
}

async function checkFolder(folder: string): Promise<FolderReport> {
  const exists = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return { folder, exists, writable: await canWrite(path.resolve(folder)) };
}

/** If the folder does not exist, the nearest existing folder above it is checked. */
async function canWrite(folder: string): Promise<boolean> {
  const isThere = await stat(folder).catch(() => null);
  const parent = path.dirname(folder);
  if (isThere === null) return parent !== folder && canWrite(parent);
  if (!isThere.isDirectory()) return false;
  return access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
}

async function countBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => stat(path.join(entry.parentPath, entry.name)).catch(() => null)),
  );
  return sizes.reduce((sum, found) => sum + (found?.size ?? 0), 0);
}
