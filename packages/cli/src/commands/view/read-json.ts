import { openRegularFile, readPart } from '@gradcam/core/node';

/** The largest JSON file that is read. A `model.json` with the topology of the largest net has some 10 MB. */
const MAX_JSON_BYTES = 2 ** 28;

/** Reads the JSON of a regular file; null for a file that is larger. */
export async function readJsonFile(file: string): Promise<unknown> {
  const { handle, stats } = await openRegularFile(file);
  try {
    if (stats.size > MAX_JSON_BYTES) return null;
    return JSON.parse(new TextDecoder().decode(await readPart(handle, 0, stats.size)));
  } finally {
    await handle.close();
  }
}
