import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Folders in which models are looked for, first found wins. */
export function listModelFolders(given: string | undefined): string[] {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folders = [
    given,
    process.env['GRADCAM_MODELS'],
    'models',
    path.join(cache, 'gradcam', 'models'),
  ];
  return folders.filter((folder) => folder !== undefined && folder !== '') as string[];
}

/** Whether a folder holds a tfjs model. */
export function isModelFolder(folder: string): boolean {
  return existsSync(path.join(folder, 'model.json'));
}
