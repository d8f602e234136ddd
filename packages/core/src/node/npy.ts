import type { NdArray } from '../base/nd-array.ts';

/**
 * Encodes a float32 array as `.npy`, version 1.0, C order.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpy({ shape, data }: NdArray): Uint8Array {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  // Magic, version and length take 10 bytes. The data has to begin at a multiple of 64.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const header = dictionary.padEnd(length - 1) + '\n';
  const bytes = new Uint8Array(10 + length + data.length * 4);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  const view = new DataView(bytes.buffer);
  view.setUint16(8, length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  data.forEach((value, i) => view.setFloat32(10 + length + i * 4, value, true));
  return bytes;
}
