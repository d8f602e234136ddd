import { openRegularFile, readPart } from '@gradcam/core/node';

/** A `model.json` with the topology of the largest net has some 10 MB. */
const MAX_JSON_BYTES = 2 ** 28;

/** The JSON of a regular file; null for a larger one. */
export async function readJsonFile(file: string): Promise<unknown> {
  const { handle, stats } = await openRegularFile(file);
  try {
    if (stats.size > MAX_JSON_BYTES) return null;
    return JSON.parse(new TextDecoder().decode(await readPart(handle, 0, stats.size)));
  } finally {
    await handle.close();
  }
}
