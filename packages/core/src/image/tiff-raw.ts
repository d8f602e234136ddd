/** TIFF 6.0 and TIFF/EP tags. */
const NEW_SUBFILE_TYPE = 254;
const SUB_IFDS = 330;
const DNG_VERSION = 50706;

/** Bytes of an entry of a directory of tags. */
const ENTRY_BYTES = 12;

/**
 * Whether a file that begins as TIFF is a camera's raw one, as far as its beginning tells: DNG has a tag of its own;
 * NEF, ARW, PEF and others begin with a small preview and keep the picture in a directory below. Read as TIFF, all of
 * them would be their preview.
 *
 * @returns what it is called, null for a plain TIFF.
 */
export function readTiffRaw(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  if (view.byteLength < 8 || view.getUint16(2, little) !== 42) return null;
  const start = view.getUint32(4, little);
  if (start + 2 > view.byteLength) return null;
  const values = new Map<number, number>();
  const count = view.getUint16(start, little);
  for (let i = 0; i < count; i++) {
    const at = start + 2 + i * ENTRY_BYTES;
    if (at + ENTRY_BYTES > view.byteLength) break;
    values.set(view.getUint16(at, little), view.getUint32(at + 8, little));
  }
  if (values.has(DNG_VERSION)) return 'camera raw (DNG)';
  const isPreview = values.get(NEW_SUBFILE_TYPE) === 1;
  return isPreview && values.has(SUB_IFDS) ? 'camera raw (NEF, ARW or another of TIFF)' : null;
}
