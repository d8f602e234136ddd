import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MODEL_JSON } from '../artifact/convert-weights.ts';
import { measureEntry, type ModelJson } from '../artifact/model-json.ts';

/**
 * True when `directory` holds a whole artifact of the conversion with this digest: then there is
 * nothing to do. Shards are checked by their sizes only; `model.json` is written last.
 */
export async function isUpToDate(directory: string, conversion: string): Promise<boolean> {
  try {
    const text = await readFile(join(directory, MODEL_JSON), 'utf8');
    const model = JSON.parse(text) as ModelJson;
    if (model.userDefinedMetadata.gradcam.conversion !== conversion) return false;
    let missing = 0;
    for (const group of model.weightsManifest) {
      for (const entry of group.weights) missing += measureEntry(entry);
      for (const path of group.paths) missing -= (await stat(join(directory, basename(path)))).size;
    }
    return missing === 0;
  } catch {
    // Absent, damaged or of another kind: converting decides, and says what is wrong.
    return false;
  }
}
