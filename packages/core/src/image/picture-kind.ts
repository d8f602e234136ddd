import { GradcamError } from '../base/errors.ts';
import { readTiffRaw } from './tiff-raw.ts';

/** The kinds of pictures that are read in Node. Browsers decode the same kinds except TIFF. */
export const readableKinds = ['PNG', 'JPEG', 'WebP', 'GIF', 'TIFF', 'AVIF'] as const;

/** The number of bytes at the beginning of a file that decide its kind. */
export const KIND_BYTES = 4096;

/** Bytes by which a kind of file is recognised: `bytes` at the offset `at`; `?` stands for any byte. */
interface Signature {
  readonly kind: string;
  readonly bytes: string;
  readonly at?: number;
}

/**
 * Signatures from the specifications of the formats; the more specific ones come first. The names of files
 * do not count, since a file can have any name.
 */
const signatures: readonly Signature[] = [
  { kind: 'PNG', bytes: '\x89PNG\r\n\x1a\n' },
  { kind: 'JPEG', bytes: '\xff\xd8\xff' },
  { kind: 'GIF', bytes: 'GIF87a' },
  { kind: 'GIF', bytes: 'GIF89a' },
  { kind: 'WebP', bytes: 'RIFF????WEBP' },
  { kind: 'camera raw (Canon CR2)', bytes: 'II*\0????CR\x02' },
  { kind: 'camera raw (Olympus ORF)', bytes: 'IIRO' },
  { kind: 'camera raw (Olympus ORF)', bytes: 'IIRS' },
  { kind: 'camera raw (Olympus ORF)', bytes: 'MMOR' },
  { kind: 'camera raw (Panasonic RW2 or Leica RWL)', bytes: 'IIU\0' },
  { kind: 'camera raw (Fujifilm RAF)', bytes: 'FUJIFILMCCD-RAW' },
  { kind: 'camera raw (Canon CRW)', bytes: 'II\x1a\0\0\0HEAPCCDR' },
  { kind: 'camera raw (Minolta MRW)', bytes: '\0MRM' },
  { kind: 'camera raw (Sigma X3F)', bytes: 'FOVb' },
  { kind: 'camera raw (Phase One IIQ)', bytes: 'IIII', at: 8 },
  { kind: 'camera raw (Phase One IIQ)', bytes: 'MMMM', at: 8 },
  { kind: 'TIFF', bytes: 'II*\0' },
  { kind: 'TIFF', bytes: 'MM\0*' },
  { kind: 'TIFF', bytes: 'II+\0\x08\0\0\0' },
  { kind: 'TIFF', bytes: 'MM\0+\0\x08\0\0' },
  { kind: 'JPEG XR', bytes: 'II\xbc\x01' },
  { kind: 'JPEG XL', bytes: '\xff\x0a' },
  { kind: 'JPEG XL', bytes: '\0\0\0\x0cJXL \r\n\x87\n' },
  { kind: 'JPEG 2000', bytes: '\0\0\0\x0cjP  \r\n\x87\n' },
  { kind: 'JPEG 2000', bytes: '\xff\x4f\xff\x51' },
  { kind: 'DICOM', bytes: 'DICM', at: 128 },
  { kind: 'NIfTI', bytes: 'n+1\0', at: 344 },
  { kind: 'NIfTI', bytes: 'ni1\0', at: 344 },
  { kind: 'NRRD', bytes: 'NRRD000' },
  { kind: 'FITS', bytes: 'SIMPLE  =' },
  { kind: 'Photoshop (PSD)', bytes: '8BPS' },
  { kind: 'GIMP (XCF)', bytes: 'gimp xcf' },
  { kind: 'OpenEXR', bytes: 'v/1\x01' },
  { kind: 'Radiance HDR', bytes: '#?R' },
  { kind: 'Windows icon', bytes: '\0\0\x01\0' },
  { kind: 'QOI', bytes: 'qoif' },
  { kind: 'DDS', bytes: 'DDS ' },
  { kind: 'PDF', bytes: '%PDF-' },
  { kind: 'PostScript', bytes: '%!PS' },
  { kind: 'NumPy array', bytes: '\x93NUMPY' },
  { kind: 'HDF5', bytes: '\x89HDF\r\n\x1a\n' },
  { kind: 'ZIP archive', bytes: 'PK\x03\x04' },
  { kind: 'gzip file', bytes: '\x1f\x8b' },
  { kind: 'video (AVI)', bytes: 'RIFF????AVI ' },
  { kind: 'video (Matroska or WebM)', bytes: '\x1a\x45\xdf\xa3' },
];

/** Brands of the box `ftyp` (ISO/IEC 14496-12). The first entry with a brand of the file decides. */
const brandKinds: readonly (readonly [brands: readonly string[], kind: string])[] = [
  [['avif', 'avis'], 'AVIF'],
  [['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1'], 'HEIC'],
  [['crx '], 'camera raw (Canon CR3)'],
];

/** @returns the kind of a file, by its first {@link KIND_BYTES} bytes; null for an unknown kind. */
export function readPictureKind(bytes: Uint8Array): string | null {
  const head = latin1(bytes.subarray(0, KIND_BYTES));
  const found = signatures.find(({ bytes: wanted, at = 0 }) => matches(head, wanted, at));
  if (found?.kind === 'TIFF') return readTiffRaw(bytes.subarray(0, KIND_BYTES)) ?? 'TIFF';
  if (found !== undefined) return found.kind;
  if (head.slice(4, 8) === 'ftyp') return readBrand(head);
  if (isBitmap(head)) return 'BMP';
  if (/^P[1-7]\s/.test(head)) return 'PNM';
  return readMarkup(head);
}

/**
 * @param name of the file, for the message.
 * @param kinds that the caller reads.
 * @returns the kind of the file.
 * @throws GradcamError `image` that names the kind, if it is not one of `kinds`.
 */
export function checkPictureKind(
  bytes: Uint8Array,
  name: string,
  kinds: readonly string[] = readableKinds,
): string {
  const kind = readPictureKind(bytes);
  if (kind !== null && kinds.includes(kind)) return kind;
  // A kind that only another decoder reads need not be converted.
  const next = readableKinds.some((one) => one === kind)
    ? 'convert it first, or give it to gradcam explain, which reads it'
    : 'convert it first';
  const read = `${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)} are read`;
  throw new GradcamError(
    'image',
    kind === null
      ? `${name}: not an image that can be decoded (its first bytes are of no known kind; ${read})`
      : `${name}: not an image that can be decoded (its kind is ${kind}; ${read}): ${next}`,
  );
}

function matches(head: string, wanted: string, at: number): boolean {
  if (head.length < at + wanted.length) return false;
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] !== '?' && wanted[i] !== head[at + i]) return false;
  }
  return true;
}

function readBrand(head: string): string {
  const end = Math.min(head.length, head.charCodeAt(2) * 256 + head.charCodeAt(3));
  // The box holds the major brand, four bytes of version, and the compatible brands.
  const brands = [head.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(head.slice(at, at + 4));
  const known = brandKinds.find(([names]) => names.some((name) => brands.includes(name)));
  return known?.[1] ?? 'video (MP4 or QuickTime)';
}

/** Many files begin with the same two letters as BMP; the size of its second header is distinctive. */
function isBitmap(head: string): boolean {
  const header = head.charCodeAt(14);
  return head.startsWith('BM') && [12, 16, 40, 52, 56, 64, 108, 124].includes(header);
}

/**
 * Recognises SVG, whose root may follow comments and declarations, and web pages that a server sent instead
 * of a picture.
 */
function readMarkup(head: string): string | null {
  // In UTF-16 each ASCII character has a zero byte.
  const text = head.replaceAll('\0', '').replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '');
  if (!/^\s*</.test(text)) return null;
  if (/<([\w-]+:)?svg[\s>/]/i.test(text)) return 'SVG';
  return /<(!doctype\s+html|html|head|body)\b/i.test(text) ? 'HTML' : 'XML or SVG';
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
