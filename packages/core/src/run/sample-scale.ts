/** Types of the numbers in a picture's file. */
export const sampleTypes = [
  'uint8',
  'uint16',
  'int8',
  'int16',
  'uint32',
  'int32',
  'float16',
  'float32',
  'float64',
] as const;

export type SampleType = (typeof sampleTypes)[number];

/** Whence the window of a picture comes. */
export const windowSources = ['stated', 'file', 'type', 'unit', 'measured'] as const;

/** How a picture's numbers, which are not of 8 bits, became 0 to 255. */
export interface SampleScale {
  readonly type: SampleType;
  /** Shown as 0 and as 255; what lies beyond is cut. */
  readonly window: readonly [from: number, to: number];
  /**
   * `stated` by the user; `file`: by the tags of a TIFF; `type`: all that 16 bits hold; `unit`: 0 to 1, as all values lie
   * there; `measured`: from the smallest to the largest value.
   */
  readonly by: (typeof windowSources)[number];
  /** Of the colours, without alpha and without what is no finite number. */
  readonly smallest: number;
  readonly largest: number;
}
