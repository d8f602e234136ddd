import type { NdArray } from '../base/nd-array.ts';

/** A map on its way to a peer's display: float64, so that no step costs accuracy. */
export interface Values {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/** Of an array [rows, columns] or [rows, columns, channels]. */
export function toValues({ shape, data }: NdArray): Values {
  const [rows = 1, columns = 1, channels = 1] = shape;
  return { rows, columns, channels, data: Float64Array.from(data) };
}

/** [rows, columns], or with channels where there are several. */
export function fromValues({ rows, columns, channels, data }: Values): NdArray {
  const shape = channels === 1 ? [rows, columns] : [rows, columns, channels];
  return { shape, data: Float32Array.from(data) };
}
