// @ts-check
/** Reads the files that `tools/oracles/write_full_size.py` wrote for one net. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import npyjs from 'npyjs';
import sharp from 'sharp';

/** @param {string} folder */
export function readExpected(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'expected.json'), 'utf8'));
}

/**
 * Reads the expected input. The image has the model's size, so nothing is resized.
 *
 * @param {string} folder @param {any} expected
 */
export async function readInput(folder, expected) {
  const { channelOrder, mean, std, scale, height, width } = expected.architecture.input;
  const pixels = await sharp(path.join(folder, expected.image.png)).removeAlpha().raw().toBuffer();
  const values = Float32Array.from(pixels, (_, i) => {
    const c = i % 3;
    const pixel = pixels[i - c + (channelOrder === 'bgr' ? 2 - c : c)] ?? 0;
    return (pixel * scale - mean[c]) / std[c];
  });
  return { shape: [1, height, width, 3], data: values };
}

/**
 * Reads an array from a separate file.
 *
 * @param {string} folder @param {{ npy: string }} stored
 */
export function readArray(folder, { npy }) {
  const { data } = new npyjs().parse(new Uint8Array(readFileSync(path.join(folder, npy))).buffer);
  return /** @type {Float32Array} */ (data);
}

/**
 * Reads an array from the JSON itself.
 *
 * @param {{ float32: string }} stored
 */
export function decodeFloats({ float32 }) {
  return new Float32Array(new Uint8Array(Buffer.from(float32, 'base64')).buffer);
}
