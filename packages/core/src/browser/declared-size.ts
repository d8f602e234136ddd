/** A picture's declared size. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Reads the size that a picture declares from its header, because a browser tells the size only after
 * decoding the whole picture.
 *
 * @param kind the result of `readPictureKind`.
 * @returns null where the header is incomplete or of another kind. Such a picture is not decoded.
 */
export function readDeclaredSize(bytes: Uint8Array, kind: string): Size | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return readers[kind]?.(view) ?? null;
  } catch (error) {
    // The header ends early.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const readers: Readonly<Record<string, (view: DataView) => Size | null>> = {
  PNG: (view) => ({ width: view.getUint32(16), height: view.getUint32(20) }),
  GIF: (view) => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) }),
  JPEG: readJpegSize,
  WebP: readWebpSize,
  AVIF: readAvifSize,
};

/**
 * ITU-T T.81, B.2.2: reads the first frame header, which is one of SOF0 to SOF15. The codes of DHT, JPG and
 * DAC lie in the same range and are skipped.
 */
function readJpegSize(view: DataView): Size | null {
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    // Fill bytes, and markers without a length.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else if (marker === 0xd9 || marker === 0xda) return null;
    else at += 2 + view.getUint16(at + 2);
  }
}

/** RFC 9649: the canvas of VP8X, or the only frame's own header, lossless or lossy. */
function readWebpSize(view: DataView): Size | null {
  const chunk = view.getUint32(12);
  if (chunk === 0x56503858 /* VP8X */) {
    const uint24 = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
    return { width: uint24(24) + 1, height: uint24(27) + 1 };
  }
  if (chunk === 0x5650384c /* VP8L */) {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (chunk !== 0x56503820 /* VP8 */) return null;
  return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
}

/**
 * ISO/IEC 23008-12: reads the boxes `ispe`, which state the sizes of all parts of the picture, and takes
 * the largest. A picture that is a grid of tiles has such a box for the whole grid too.
 */
function readAvifSize(view: DataView): Size | null {
  let largest: Size | null = null;
  for (let at = 4; at + 16 <= view.byteLength; at++) {
    if (view.getUint32(at) !== 0x69737065 /* ispe */ || view.getUint32(at - 4) !== 20) continue;
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (largest === null || size.width * size.height > largest.width * largest.height)
      largest = size;
  }
  return largest;
}
