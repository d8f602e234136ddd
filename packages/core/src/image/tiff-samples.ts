import { readTagNumbers, readTiffDirectory } from './tiff-directory.ts';

/** Tags of TIFF 6.0. */
const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const SAMPLES_PER_PIXEL = 277;
const EXTRA_SAMPLES = 338;
const SAMPLE_FORMAT = 339;
const S_MIN_SAMPLE_VALUE = 340;
const S_MAX_SAMPLE_VALUE = 341;

const WHITE_IS_ZERO = 0;
const coloursOfPhotometric: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 3,
  3: 1,
  5: 4,
  6: 3,
  8: 3,
};

const formats: Readonly<Record<number, TiffFormat>> = { 1: 'unsigned', 2: 'signed', 3: 'float' };

/** Names of compressions that not every decoder supports, by their numbers. */
const rareCompressions: Readonly<Record<number, string>> = {
  6: 'JPEG of the old kind',
  34661: 'JBIG',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34925: 'LZMA',
  50000: 'Zstandard',
  50002: 'JPEG XL',
};

export type TiffFormat = 'unsigned' | 'signed' | 'float' | 'other';

/** The facts that a TIFF states about the samples of its first picture. */
export interface TiffSamples {
  readonly bits: number;
  readonly format: TiffFormat;
  /** Number of channels beside the colours that the file does not declare as alpha. */
  readonly unnamed: number;
  /** Whether the stored colours are multiplied by alpha. */
  readonly isPremultiplied: boolean;
  /** Whether 0 is white. */
  readonly isWhiteZero: boolean;
  /** The range of values that the file states, the same for all channels; null where it states none. */
  readonly range: readonly [from: number, to: number] | null;
  /** Name of a compression that not every decoder supports; null for a common one. */
  readonly compression: string | null;
}

/** @returns null where the directory of tags cannot be read. */
export function readTiffSamples(bytes: Uint8Array): TiffSamples | null {
  const directory = readTiffDirectory(bytes);
  if (directory === null) return null;
  const numbers = (tag: number): readonly number[] => readTagNumbers(directory, tag);
  const photometric = numbers(PHOTOMETRIC)[0] ?? -1;
  const samples = numbers(SAMPLES_PER_PIXEL)[0] ?? 1;
  const beside = Math.max(0, samples - (coloursOfPhotometric[photometric] ?? samples));
  const extra = numbers(EXTRA_SAMPLES);
  const ASSOCIATED = 1;
  const named = extra.slice(0, beside).filter((meaning) => meaning > 0).length;
  const compression = numbers(COMPRESSION)[0] ?? 1;
  return {
    bits: numbers(BITS_PER_SAMPLE)[0] ?? 1,
    format: formats[numbers(SAMPLE_FORMAT)[0] ?? 1] ?? 'other',
    unnamed: beside - named,
    isPremultiplied: extra.includes(ASSOCIATED),
    isWhiteZero: photometric === WHITE_IS_ZERO,
    range: readRange(numbers(S_MIN_SAMPLE_VALUE), numbers(S_MAX_SAMPLE_VALUE)),
    compression: rareCompressions[compression] ?? null,
  };
}

/**
 * Copies the file and declares the samples of its first picture as unsigned, so that a decoder returns
 * their bits unchanged. A file that does not declare the format of its samples is returned as it is.
 */
export function callUnsigned(bytes: Uint8Array): Uint8Array {
  const directory = readTiffDirectory(bytes);
  const entry = directory?.entries.get(SAMPLE_FORMAT);
  const SHORT = 3;
  if (directory == null || entry?.type !== SHORT) return bytes;
  const copy = bytes.slice();
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  const UNSIGNED = 1;
  for (let i = 0; i < readTagNumbers(directory, SAMPLE_FORMAT).length; i++) {
    view.setUint16(entry.at + 2 * i, UNSIGNED, directory.isLittle);
  }
  return copy;
}

function readRange(
  lowest: readonly number[],
  highest: readonly number[],
): readonly [number, number] | null {
  const from = Math.min(...lowest);
  const to = Math.max(...highest);
  const isSame = [...lowest, ...highest].every((value) => value === from || value === to);
  return isSame && Number.isFinite(from) && Number.isFinite(to) && to > from ? [from, to] : null;
}
