/** Types of the sample values in the file of a picture. */
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

/** Where the window of a picture comes from; see {@link SampleScale}. */
export const windowSources = ['stated', 'file', 'type', 'unit', 'measured'] as const;

/** How the sample values of a picture that is not of 8 bits became 0 to 255. */
export interface SampleScale {
  readonly type: SampleType;
  /** The sample values that became 0 and 255. Values beyond them are clipped. */
  readonly window: readonly [from: number, to: number];
  /**
   * Where the window comes from. `stated`: the user; `file`: the tags of a TIFF; `type`: the whole
   * range of 16 bits; `unit`: 0 to 1, because all values lie there; `measured`: the smallest to the
   * largest value.
   */
  readonly by: (typeof windowSources)[number];
  /** Smallest finite sample value of the colours; alpha is not counted. */
  readonly smallest: number;
  /** Largest finite sample value of the colours; alpha is not counted. */
  readonly largest: number;
}
