import { openRegularFile, readPart } from '@gradcam/core/node';

/** The largest JSON file that is read. A `model.json` with the topology of the largest net has some 10 MB. */
const MAX_JSON_BYTES = 2 ** 28;

/** Reads the JSON of a regular file; null for a file that is larger. */
export async function readJsonFile(file: string): Promise<unknown> {
  const bytes = await readSmallFile(file, MAX_JSON_BYTES);
  return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
}

/** Reads a regular file of at most so many bytes; null for a larger one. */
export async function readSmallFile(file: string, maxBytes: number): Promise<Uint8Array | null> {
  const { handle, stats } = await openRegularFile(file);
  try {
    return stats.size > maxBytes ? null : await readPart(handle, 0, stats.size);
  } finally {
    await handle.close();
  }
}
