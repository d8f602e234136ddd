import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoredTensor } from '../../src/tensors/stored-tensor.ts';

/** A tensor as the fixtures' oracle read it. */
export interface ExpectedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of the elements in C order, little-endian. */
  readonly sha256?: string;
}

/** Absolute path of a committed fixture. */
export function fixturePath(name: string): string {
  return join(fileURLToPath(new URL('../fixtures', import.meta.url)), name);
}

/** Bytes of a committed fixture, in an array of their own. */
export function readFixture(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(fixturePath(name)));
}

/** Parsed JSON of a committed fixture. */
export function readFixtureJson<T>(name: string): T {
  return JSON.parse(readFileSync(fixturePath(name), 'utf8')) as T;
}

/** sha256 of all chunks, in hexadecimal. */
export async function digestChunks(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}

/** dtype, shape and digest of tensors, by name: the form of the oracles' JSON. */
export async function describeTensors(
  tensors: readonly StoredTensor[],
): Promise<Record<string, ExpectedTensor>> {
  const described: Record<string, ExpectedTensor> = {};
  for (const { name, dtype, shape, chunks } of tensors) {
    described[name] = { dtype, shape, sha256: await digestChunks(chunks()) };
  }
  return described;
}

/** Little-endian float32 numbers from base64. */
export function decodeFloats(base64: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  return new Float32Array(bytes.buffer);
}
