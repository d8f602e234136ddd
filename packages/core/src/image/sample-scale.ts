import type { SampleType, SampleScale } from '../run/sample-scale.ts';

/**
 * The largest 16-bit value, and the value below which a file most likely holds samples of fewer bits:
 * scanners and cameras write up to 14.
 */
const FULL_RANGE = 65535;
const HARDLY_USED = 2 ** 14;

/**
 * Chooses the range of values that becomes 0 to 255.
 *
 * @param type of the samples.
 * @param smallest value of the picture.
 * @param largest value of the picture.
 * @param stated the range that the user states.
 * @param ofFile the range that a TIFF states. It does not count for 8 and 16 unsigned bits, since programs
 *   often write the smallest and largest value of a dark picture there.
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

/** A note for a 16-bit picture that uses few of its bits, with the flag that changes it; null for others. */
export function describeDarkness(largest: number): string | null {
  if (largest >= HARDLY_USED) return null;
  const bits = Math.max(8, Math.ceil(Math.log2(largest + 1)));
  return `largest value ${largest} of ${FULL_RANGE}, so the picture is dark; if it has ${bits} bits, state --window 0..${2 ** bits - 1}`;
}

/** A note about an assumed range, with the flag that changes it; null where nothing was assumed. */
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
