/** A frame's place on the canvas, in pixels. */
export interface GifFrame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the position of the first frame of a GIF (87a or 89a), which need not cover the canvas.
 *
 * @returns null where the bytes end before the frame.
 */
export function readFirstFrame(bytes: Uint8Array): GifFrame | null {
  for (const frame of gifImages(bytes)) return frame;
  return null;
}

/** The frames of a GIF in their order, up to where the bytes end. */
export function* gifImages(bytes: Uint8Array): Generator<GifFrame> {
  const [EXTENSION, IMAGE, HEADER_BYTES] = [0x21, 0x2c, 13];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < HEADER_BYTES) return;
  let at = HEADER_BYTES + tableBytes(view.getUint8(10));
  while (at + 10 <= view.byteLength) {
    const kind = view.getUint8(at);
    if (kind === IMAGE) {
      const [left, top, width, height] = [1, 3, 5, 7].map((step) =>
        view.getUint16(at + step, true),
      ) as [number, number, number, number];
      yield { left, top, width, height };
      // The frame's colour table and the size of its codes follow its header.
      at += 10 + tableBytes(view.getUint8(at + 9)) + 1;
    } else if (kind === EXTENSION) at += 2;
    else return;
    // Blocks follow that begin with their length; a block of length 0 ends them.
    while (at < view.byteLength && view.getUint8(at) !== 0) at += 1 + view.getUint8(at);
    at += 1;
  }
}

/** Bytes of the table of colours that the flags of a header announce. */
function tableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}
