/// <reference types="vite/client" />
import { createNdArray, type NdArray } from '../../../src/base/nd-array.ts';
import type { StoredArray } from '../../helper/fixture.ts';

export type { StoredArray };

/** Stands in for `helper/fixture.ts` in the page: the fixtures come with the page's scripts. */
const texts = import.meta.glob<string>(
  '../../fixtures/{ops,value-ops,nets,methods,black-box}/**/*.json',
  {
    eager: true,
    query: '?raw',
    import: 'default',
  },
);
const urls = import.meta.glob<string>('../../fixtures/nets/**/*.bin', {
  eager: true,
  query: '?url',
  import: 'default',
});

export function readFixture<T>(path: string): T {
  return JSON.parse(texts[`../../fixtures/${path}`]!) as T;
}

export async function readFixtureBytes(path: string): Promise<Uint8Array> {
  const response = await fetch(urls[`../../fixtures/${path}`]!);
  return new Uint8Array(await response.arrayBuffer());
}

export function decodeArray({ shape, float32 }: StoredArray): NdArray {
  const bytes = Uint8Array.from(atob(float32), (character) => character.charCodeAt(0));
  return createNdArray(shape, new Float32Array(bytes.buffer));
}
