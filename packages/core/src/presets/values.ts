import type { NdArray } from '../base/nd-array.ts';

/** A map between two steps of a peer's display, in float64 so that the steps lose no accuracy. */
export interface Values {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/** Converts an array [rows, columns] or [rows, columns, channels]. */
export function toValues({ shape, data }: NdArray): Values {
  const [rows = 1, columns = 1, channels = 1] = shape;
  return { rows, columns, channels, data: Float64Array.from(data) };
}

/** Converts to an array [rows, columns], or [rows, columns, channels] where there are several channels. */
export function fromValues({ rows, columns, channels, data }: Values): NdArray {
  const shape = channels === 1 ? [rows, columns] : [rows, columns, channels];
  return { shape, data: Float32Array.from(data) };
}
