import { readFileSync } from 'node:fs';
import { createNdArray, type NdArray } from '../../src/base/nd-array.ts';

/** Numbers as the oracles write them: base64 of little-endian float32, C order. */
export interface StoredArray {
  readonly shape: readonly number[];
  readonly float32: string;
}

/** Reads a JSON file below `test/fixtures`. */
export function readFixture<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')) as T;
}

/** The bytes of a file below `test/fixtures`. */
export async function readFixtureBytes(path: string): Promise<Uint8Array> {
  // A copy: a Buffer may be a part of a larger pool.
  return Uint8Array.from(readFileSync(new URL(`../fixtures/${path}`, import.meta.url)));
}

export function decodeArray({ shape, float32 }: StoredArray): NdArray {
  const bytes = Uint8Array.from(Buffer.from(float32, 'base64'));
  return createNdArray(shape, new Float32Array(bytes.buffer));
}
