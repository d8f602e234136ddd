import { readTagNumbers, readTagText, readTiffDirectory } from './tiff-directory.ts';

/** TIFF 6.0 and TIFF/EP tags. */
const NEW_SUBFILE_TYPE = 254;
const PHOTOMETRIC = 262;
const MAKE = 271;
const SUB_IFDS = 330;
const DNG_VERSION = 50706;

/** Photometric values of raw files: a colour filter array (TIFF/EP), and DNG's linear raw. */
const SENSOR_PHOTOMETRICS = [32803, 34892];

/** Names of the raw formats that are TIFFs, by the beginning of the tag `Make`. */
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
 * Recognises a camera's raw file that begins like a TIFF. DNG has a tag of its own. NEF, ARW and others
 * begin with a small preview and keep the picture in a sub-directory, or store the cells of the sensor as
 * the picture. A TIFF reader would show their preview, or a gray picture.
 *
 * @param bytes the beginning of the file.
 * @returns the name of the format; null for a plain TIFF.
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
