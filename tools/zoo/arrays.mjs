// @ts-check
/** Files of float32 numbers, and arrays whose first axis counts items. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** @typedef {import('@gradcam/core').NdArray} NdArray */

/** @param {string} folder @param {string} what */
export function readFloats(folder, what) {
  const read = readFileSync(path.join(folder, `${what}.f32`));
  return new Float32Array(read.buffer.slice(read.byteOffset, read.byteOffset + read.byteLength));
}

/** @param {string} folder @param {string} what @param {NdArray} array */
export function writeFloats(folder, what, array) {
  writeFileSync(path.join(folder, `${what}.f32`), array.data);
}

/**
 * Reads `pictures.f32`, [items, 3, size, size], as [items, size, size, 3].
 *
 * @param {string} folder @param {number} items @param {number} size
 */
export function readPictures(folder, items, size) {
  const data = readFloats(folder, 'pictures');
  const cells = size * size;
  const moved = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const item = Math.floor(i / (3 * cells));
    const channel = Math.floor(i / cells) % 3;
    moved[(item * cells + (i % cells)) * 3 + channel] = data[i] ?? 0;
  }
  return { shape: [items, size, size, 3], data: moved };
}

/** @param {NdArray} array @param {number} item @returns {NdArray} */
export function itemOf({ shape, data }, item) {
  const length = data.length / (shape[0] ?? 1);
  return { shape: shape.slice(1), data: data.subarray(item * length, (item + 1) * length) };
}
