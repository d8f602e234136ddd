// @ts-check
import npyjs from 'npyjs';
import { Disagreement } from '../oracle.mjs';

/** The dtypes that npyjs returns as they are stored: little-endian numbers of up to 32 bits, and doubles. */
const SAME = new Set(['float32', 'float64', 'int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32']);

/**
 * Compares a plain `.npy` with the values that npyjs reads from it, if npyjs can read it too.
 *
 * @param {Uint8Array} bytes
 * @param {import('@gradcam/converter').WeightFile} file
 */
export async function comparedWithNpyjs(bytes, file) {
  const [tensor] = file.tensors;
  const header = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const { shape = [], dtype = '', byteLength = 0 } = tensor ?? {};
  if (!SAME.has(dtype) || shape.length === 0 || byteLength > bytes.length) return;
  if (!/'descr': *'[<|]/.test(header) || !/'fortran_order': *False/.test(header)) return;
  const other = readByNpyjs(bytes);
  if (other === undefined || other.dtype !== dtype) return;
  if (other.shape.join() !== shape.join()) throw new Disagreement('npyjs sees another shape');
  const parts = [];
  for await (const chunk of tensor.chunks()) parts.push(chunk.slice());
  const { data } = other;
  const theirs = Buffer.from(data.buffer, data.byteOffset, byteLength);
  if (!Buffer.concat(parts).equals(theirs)) throw new Disagreement('npyjs sees other values');
}

/** @param {Uint8Array} bytes */
function readByNpyjs(bytes) {
  try {
    const { data, shape, dtype } = new npyjs().parse(new Uint8Array(bytes).buffer);
    return { data: /** @type {Float32Array} */ (data), shape, dtype: String(dtype) };
  } catch {
    return undefined;
  }
}
