import type { SampleType, SampleScale } from '../run/sample-scale.ts';

/** A part of 16 bits so small that the file most likely holds fewer: up to 14 of them, as scanners and cameras write. */
const FULL_RANGE = 65535;
const HARDLY_USED = 2 ** 14;

/**
 * Chooses the window of values from `smallest` to `largest`.
 *
 * @param stated by the user.
 * @param ofFile the range that a TIFF states. Of 8 and 16 unsigned bits it is not followed: what their programs mean
 *   by it is as often the smallest and largest value of a dim picture.
 */
export function chooseWindow(
  type: SampleType,
  smallest: number,
  largest: number,
  stated?: readonly [from: number, to: number],
  ofFile: readonly [from: number, to: number] | null = null,
): Pick<SampleScale, 'window' | 'by'> {
  if (stated !== undefined) return { window: stated, by: 'stated' };
  if (type === 'uint16') return { window: [0, FULL_RANGE], by: 'type' };
  if (type === 'uint8') return { window: [0, 255], by: 'type' };
  if (ofFile !== null) return { window: ofFile, by: 'file' };
  const isUnit = type.startsWith('float') && smallest >= 0 && largest <= 1;
  return isUnit ? { window: [0, 1], by: 'unit' } : { window: [smallest, largest], by: 'measured' };
}

/** Says of a picture of 16 bits that it uses few of them, with the flag that changes it; null where it does not. */
export function describeDarkness(largest: number): string | null {
  if (largest >= HARDLY_USED) return null;
  const bits = Math.max(8, Math.ceil(Math.log2(largest + 1)));
  return `largest value ${largest} of ${FULL_RANGE}, so the picture is dark; if it has ${bits} bits, state --window 0..${2 ** bits - 1}`;
}

/** What is to be said of it, with the flag that changes it; null where there is nothing. */
export function describeScale({ type, window, by, smallest, largest }: SampleScale): string | null {
  if (by === 'stated') return null;
  if (by === 'type') return type === 'uint16' ? describeDarkness(largest) : null;
  const why = reasons[by];
  return `${type} values: ${format(window[0])} to ${format(window[1])} (${why}) became 0 to 255; --window from..to states another range (found ${format(smallest)} to ${format(largest)})`;
}

const reasons = {
  file: 'as its tags SMinSampleValue and SMaxSampleValue say',
  unit: 'all values lie there',
  measured: 'its smallest and largest value',
} as const;

function format(value: number): string {
  return String(Number(value.toPrecision(6)));
}
