import type { ImageSource, Original } from './live-state.ts';

/**
 * Reads an image of the run from this server.
 *
 * @throws Error with a line for the reader if the server does not have it.
 */
export async function readOriginal({ sha256, name }: Original): Promise<ImageSource> {
  const response = await fetch(`./run/originals/${encodeURIComponent(sha256)}`).catch(() => null);
  if (response === null) throw new Error(`${name}: the server does not answer`);
  if (!response.ok) {
    throw new Error(`${name}: the file that the run was made from is not there any more`);
  }
  return { blob: await response.blob(), name };
}
