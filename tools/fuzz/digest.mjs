// @ts-check
import { createHash } from 'node:crypto';
import { readFloat32Chunks } from '@gradcam/converter';

/**
 * The most bytes of values that are read of one tensor, and of one file. A shape may state far more; then the
 * values are not read.
 */
const MAX_TENSOR_BYTES = 2 ** 22;
const MAX_FILE_BYTES = 2 ** 24;

/** @param {...(string | Uint8Array)} parts */
export function digestOf(...parts) {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/**
 * Reads all tensors of a weight file: names, shapes, and values as the converter writes them.
 *
 * @param {import('@gradcam/converter').WeightFile} file
 */
export async function digestWeights(file) {
  const hash = createHash('md5').update(file.format);
  let left = MAX_FILE_BYTES;
  for (const tensor of file.tensors) {
    const { name, dtype, shape } = tensor;
    hash.update(`${name}\n${dtype}\n${shape.join(',')}\n`);
    const isReal = !/^(complex|q)/.test(dtype);
    let taken = 0;
    for await (const chunk of isReal ? readFloat32Chunks(tensor) : tensor.chunks()) {
      hash.update(chunk);
      taken += chunk.length;
      if (taken >= Math.min(left, MAX_TENSOR_BYTES)) break;
    }
    left -= taken;
    if (left <= 0) break;
  }
  for (const { name, reason } of file.skipped) hash.update(`${name}\n${reason}\n`);
  return hash.digest('hex');
}
