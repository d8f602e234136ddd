import { gifImages } from './gif-frame.ts';
import { webpChunks } from './webp-chunks.ts';

/**
 * Counts the frames of an animated GIF, WebP or PNG without decoding it, so that a page and the command say
 * the same of a file whose first frame is read.
 *
 * @param kind from `readPictureKind`.
 * @returns 1 for a still picture, and for kinds that are counted elsewhere (the pages of a TIFF).
 */
export function countFrames(bytes: Uint8Array, kind: string): number {
  return Math.max(1, counters[kind]?.(bytes) ?? 1);
}

const counters: Readonly<Record<string, (bytes: Uint8Array) => number>> = {
  GIF: (bytes) => [...gifImages(bytes)].length,
  WebP: (bytes) => [...webpChunks(bytes)].filter(({ name }) => name === 'ANMF').length,
  PNG: countPngFrames,
};

/** The note about a file of several frames, for every reader. */
export function describeFrames(count: number): string[] {
  return count > 1 ? [`the first of ${count} pages or frames`] : [];
}

/**
 * PNG, third edition: the chunk `acTL`, which stands before the pixels, says how many frames an animation
 * has.
 */
function countPngFrames(bytes: Uint8Array): number {
  const [SIGNATURE_BYTES, CHUNK_BYTES] = [8, 12];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE_BYTES; at + CHUNK_BYTES <= view.byteLength;) {
    const name = view.getUint32(at + 4);
    if (name === 0x49444154 /* IDAT */) return 1;
    if (name === 0x6163544c /* acTL */) return view.getUint32(at + 8);
    at += CHUNK_BYTES + view.getUint32(at);
  }
  return 1;
}

/** ISO/IEC 23000-22: the major brand of a sequence. */
export function isAnimatedAvif(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(8, 12)) === 'avis';
}

/** Why an AVIF animation is refused, in Node and in pages. */
export const animatedAvifReason =
  'an AVIF animation; single AVIF pictures are read: save its first frame as one';
