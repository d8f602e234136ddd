import { readTagNumbers, readTagText, readTiffDirectory } from './tiff-directory.ts';

/** TIFF 6.0 and TIFF/EP tags. */
const NEW_SUBFILE_TYPE = 254;
const PHOTOMETRIC = 262;
const MAKE = 271;
const SUB_IFDS = 330;
const DNG_VERSION = 50706;

/** Colours of one sensor cell each (TIFF/EP), and what is left of them after DNG's linear step. */
const SENSOR_PHOTOMETRICS = [32803, 34892];

/** What makers call their raw files that are TIFFs; a maker's name is how the tag `Make` begins. */
const rawOfMake: readonly (readonly [make: string, format: string])[] = [
  ['NIKON', 'Nikon NEF'],
  ['SONY', 'Sony ARW'],
  ['PENTAX', 'Pentax PEF'],
  ['RICOH', 'Pentax PEF'],
  ['SAMSUNG', 'Samsung SRW'],
  ['HASSELBLAD', 'Hasselblad 3FR'],
  ['PHASE ONE', 'Phase One IIQ'],
  ['LEAF', 'Leaf MOS'],
  ['SEIKO EPSON', 'Epson ERF'],
  ['MAMIYA', 'Mamiya MEF'],
  ['KODAK', 'Kodak DCR'],
  ['EASTMAN KODAK', 'Kodak DCR'],
];

/**
 * Whether a file that begins as TIFF is a camera's raw one, as far as its beginning tells: DNG has a tag of its own;
 * NEF, ARW and others begin with a small preview and keep the picture in a directory below, or have a sensor's cells
 * for colours. Read as TIFF, all of them would be their preview, or gray.
 *
 * @returns what it is called, null for a plain TIFF.
 */
export function readTiffRaw(bytes: Uint8Array): string | null {
  const directory = readTiffDirectory(bytes);
  if (directory === null) return null;
  if (directory.entries.has(DNG_VERSION)) return 'camera raw (DNG)';
  const isPreview = readTagNumbers(directory, NEW_SUBFILE_TYPE)[0] === 1;
  const isSensor = SENSOR_PHOTOMETRICS.includes(readTagNumbers(directory, PHOTOMETRIC)[0] ?? -1);
  if (!isSensor && !(isPreview && directory.entries.has(SUB_IFDS))) return null;
  const make = readTagText(directory, MAKE).toUpperCase();
  const known = rawOfMake.find(([name]) => make.startsWith(name));
  return `camera raw (${known?.[1] ?? 'NEF, ARW or another of TIFF'})`;
}
