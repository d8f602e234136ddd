import type { NdArray } from '@gradcam/core';
import { parse } from 'npyjs';

/** Reads a run's raw map: float32, C order. */
export function parseRawMap(bytes: ArrayBuffer): NdArray {
  const { data, shape, dtype, fortranOrder } = parse(bytes);
  if (dtype !== 'f4' || fortranOrder || !(data instanceof Float32Array)) {
    throw new Error(
      `raw map: expected float32 in C order, found ${dtype}${fortranOrder ? ' in Fortran order' : ''}`,
    );
  }
  return { shape, data };
}
