import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { isModelText, MOST_JSON_FILES, onlyModel } from '../readers/choose-model-file.ts';
import { MAX_MODEL_JSON_BYTES } from '../readers/model-json.ts';

/**
 * Finds the JSON of the tfjs model at a path: the path itself if it is a `.json` file, the folder's
 * `model.json`, or the folder's only `.json` file that holds a model. (`model.save('downloads://name')` of
 * tfjs writes `name.json`.)
 *
 * @returns null where there is none.
 * @throws GradcamError `argument` for a folder with several models.
 */
export function findModelJson(location: string): string | null {
  if (isFile(location)) return location.toLowerCase().endsWith('.json') ? location : null;
  const usual = path.join(location, 'model.json');
  if (isFile(usual)) return usual;
  const names = listNames(location).filter((name) => name.toLowerCase().endsWith('.json'));
  if (names.length > MOST_JSON_FILES) return null;
  const found = names.sort().filter((name) => isModelJson(path.join(location, name)));
  const only = onlyModel(found, location);
  return only === null ? null : path.join(location, only);
}

/**
 * Whether a file's text names a model's two parts. It is not parsed here; opening it does that under limits.
 */
function isModelJson(file: string): boolean {
  try {
    const { size } = statSync(file);
    if (size > MAX_MODEL_JSON_BYTES) return false;
    return isModelText(readFileSync(file, 'utf8'));
  } catch {
    return false;
  }
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

function listNames(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
