import { countElements } from '../../base/nd-array.ts';
import { decodeNumbers } from '../../artifact/decode-weights.ts';
import { countBytes, type ManifestWeight } from '../../artifact/weights-manifest.ts';
import { lazyConstant, type Constant, type ElementKind } from '../graph/constant.ts';

const elementOf: Readonly<Record<ManifestWeight['dtype'], ElementKind>> = {
  float32: 'float',
  int32: 'integer',
  bool: 'boolean',
};

/**
 * The constants of a GraphModel by the names of their nodes. In a GraphDef in JSON, the shards hold their
 * values.
 *
 * @param bytes the values of all weights, one after the other.
 */
export function listDefConstants(
  weights: readonly ManifestWeight[],
  bytes: ArrayBuffer,
): Map<string, Constant> {
  const constants = new Map<string, Constant>();
  let start = 0;
  for (const weight of weights) {
    const [from, to] = [start, start + countBytes(weight)];
    start = to;
    const read = (): Float32Array => decodeNumbers(weight, new Uint8Array(bytes.slice(from, to)));
    // A weight without elements has no bytes to decode.
    const values = countElements(weight.shape) === 0 ? () => new Float32Array(0) : read;
    const constant = lazyConstant(weight.name, elementOf[weight.dtype], weight.shape, values);
    constants.set(weight.name, constant);
  }
  return constants;
}
