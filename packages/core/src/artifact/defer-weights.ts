import { countElements, type DeferredArray, type NdArray } from '../base/nd-array.ts';
import { refuseLfsPointer } from '../base/lfs-pointer.ts';
import { checkFinite, countGroup, decodeNumbers, wrongLength } from './decode-weights.ts';
import { countBytes, type ManifestGroup, type ManifestWeight } from './weights-manifest.ts';

/** A file of which parts are read. */
export interface FileParts {
  readonly byteLength: number;
  /**
   * Reads bytes into memory of their own, before it returns.
   *
   * @throws GradcamError `model` if the file has become shorter or no longer exists.
   */
  read(offset: number, bytes: number): Uint8Array<ArrayBuffer>;
}

/** Smaller weights are read at once, because many of them are read value by value. */
const DEFERRED_VALUES = 65_536;

/** Bytes of a file that tell what it is. */
const HEAD_BYTES = 64;

/** Values of one part of a weight: 4 MiB as float32. */
const PART_VALUES = 2 ** 20;

/**
 * All weights of a model as float32, as `decodeWeights` gives them. The values of a large weight are read
 * from its files, decoded and checked each time somebody asks for them.
 *
 * @throws GradcamError `model` where the shards hold fewer or more bytes than the manifest lists, or a weight
 *   has a value that is not finite; for a large weight, when its values are read.
 */
export async function deferWeights(
  groups: readonly ManifestGroup[],
  openParts: (paths: readonly string[]) => Promise<readonly FileParts[]>,
): Promise<Map<string, NdArray>> {
  const weights = new Map<string, NdArray>();
  for (const group of groups) {
    const files = await openParts(group.paths);
    const found = files.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (found !== countGroup(group)) {
      files.forEach((file, i) => {
        const head = file.read(0, Math.min(file.byteLength, HEAD_BYTES));
        refuseLfsPointer(head, group.paths[i]!);
      });
      throw wrongLength(group, found);
    }
    let offset = 0;
    for (const weight of group.weights) {
      weights.set(weight.name, deferWeight(weight, offset, files));
      offset += countBytes(weight);
    }
  }
  return weights;
}

function deferWeight(weight: ManifestWeight, offset: number, files: readonly FileParts[]): NdArray {
  const { name, shape } = weight;
  const count = countElements(shape);
  const valueBytes = countBytes({ ...weight, shape: [1] });
  const read = (first: number, values: number): Float32Array => {
    const bytes = readAcross(files, offset + first * valueBytes, values * valueBytes);
    const data = decodeNumbers({ ...weight, shape: [values] }, bytes);
    checkFinite(name, data, first);
    return data;
  };
  if (count <= DEFERRED_VALUES) return { shape, data: read(0, count) };
  const array: DeferredArray = {
    shape,
    get data() {
      return read(0, count);
    },
    *parts() {
      for (let first = 0; first < count; first += PART_VALUES) {
        yield read(first, Math.min(PART_VALUES, count - first));
      }
    },
  };
  return array;
}

/** Reads a range of the bytes that several files hold one after the other. */
function readAcross(
  files: readonly FileParts[],
  offset: number,
  count: number,
): Uint8Array<ArrayBuffer> {
  let start = 0;
  let bytes: Uint8Array<ArrayBuffer> | null = null;
  for (const file of files) {
    const from = Math.max(offset, start);
    const length = Math.min(offset + count, start + file.byteLength) - from;
    if (length > 0) {
      const part = file.read(from - start, length);
      if (length === count) return part;
      bytes ??= new Uint8Array(count);
      bytes.set(part, from - offset);
    }
    start += file.byteLength;
    if (start >= offset + count) break;
  }
  return bytes ?? new Uint8Array(count);
}
