import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { GradcamError } from '../base/errors.ts';
import { MAX_MODEL_JSON_BYTES } from '../readers/model-json.ts';

/** JSON files of a folder that are looked into for a model; one with more is full of something else. */
const MOST_JSON_FILES = 100;

/**
 * The JSON of the tfjs model at a path: the path itself where it is a `.json` file, the folder's `model.json`,
 * or else its only `.json` file that is one, as `model.save('downloads://name')` of tfjs calls it `name.json`.
 *
 * @returns null where there is none.
 * @throws GradcamError `argument` for a folder with several.
 */
export function findModelJson(location: string): string | null {
  if (isFile(location)) return location.toLowerCase().endsWith('.json') ? location : null;
  const usual = path.join(location, 'model.json');
  if (isFile(usual)) return usual;
  const names = listNames(location).filter((name) => name.toLowerCase().endsWith('.json'));
  if (names.length > MOST_JSON_FILES) return null;
  const found = names.sort().filter((name) => isModelJson(path.join(location, name)));
  if (found.length < 2) return found.length === 0 ? null : path.join(location, found[0]!);
  throw new GradcamError(
    'argument',
    `${location} holds ${found.length} models, ${found.slice(0, 3).join(', ')}${found.length > 3 ? ', ..' : ''}: give the path of one`,
  );
}

/** By its two parts, without parsing it: whoever opens it does that under limits. */
function isModelJson(file: string): boolean {
  try {
    const { size } = statSync(file);
    if (size > MAX_MODEL_JSON_BYTES) return false;
    const text = readFileSync(file, 'utf8');
    return text.includes('"modelTopology"') && text.includes('"weightsManifest"');
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
