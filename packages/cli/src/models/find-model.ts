import { listArchitectures } from '@gradcam/converter';
import path from 'node:path';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { quoteForShell } from '../terminal/quote-for-shell.ts';
import { isModelFolder, listModelFolders } from './model-folders.ts';

/**
 * Finds the folder that `--model` means: a folder or `model.json`, else an id in the model folders.
 *
 * @throws CommandError 66 with the command that gets a known model.
 */
export function findModel(name: string, modelsFolder: string | undefined): string {
  if (isModelFolder(name)) return name;
  if (path.basename(name) === 'model.json') return path.dirname(name);
  const folders = listModelFolders(modelsFolder);
  for (const folder of folders) {
    const candidate = path.join(folder, name);
    if (isModelFolder(candidate)) return candidate;
  }
  const into = modelsFolder === undefined ? '' : ` --models ${quoteForShell(modelsFolder)}`;
  const isKnown = listArchitectures().some(({ id }) => id === name);
  const next = isKnown
    ? `get it with: npx gradcam fetch ${name}${into}`
    : 'give a folder with a model.json, or see: npx gradcam models';
  throw new CommandError(
    exitCodes.noInput,
    `model '${name}' is not a model folder and not in ${folders.join(', ')}; ${next}`,
  );
}
