/** A frame's place on the canvas, in pixels. */
export interface GifFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Where the first frame of a GIF (87a or 89a) lies: it need not cover the canvas.
 *
 * @returns null where the bytes end before it.
 */
export function readFirstFrame(bytes: Uint8Array): GifFrame | null {
  const [EXTENSION, IMAGE, HEADER_BYTES] = [0x21, 0x2c, 13];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < HEADER_BYTES) return null;
  const flags = view.getUint8(10);
  const hasTable = (flags & 0x80) !== 0;
  let at = HEADER_BYTES + (hasTable ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (at + 10 <= view.byteLength) {
    const kind = view.getUint8(at);
    if (kind === IMAGE) {
      const [left, top, width, height] = [1, 3, 5, 7].map((step) =>
        view.getUint16(at + step, true),
      ) as [number, number, number, number];
      return { left, top, width, height };
    }
    if (kind !== EXTENSION) return null;
    // Its label, and blocks that say how long they are, to one of no length.
    at += 2;
    while (at < view.byteLength && view.getUint8(at) !== 0) at += 1 + view.getUint8(at);
    at += 1;
  }
  return null;
}
