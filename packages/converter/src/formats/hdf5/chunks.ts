import {
  CHUNK_BYTES,
  MAX_HDF5_CHUNK_BYTES,
  MAX_HDF5_CHUNKS,
  MAX_INFLATION_RATIO,
} from '../../bytes/limits.ts';
import { FormatError, LimitError } from '../../errors.ts';
import { countElements } from '../../tensors/stored-tensor.ts';
import { undoFilters, type Filter } from './filters.ts';
import { expectSignature, HDF5, type Hdf5File } from './hdf5-file.ts';

/** A data set that is stored in chunks of equal shape. */
export interface ChunkedData {
  readonly name: string;
  readonly shape: readonly number[];
  readonly chunk: readonly number[];
  readonly tree: number;
  readonly filters: readonly Filter[];
  readonly elementBytes: number;
}

/** A chunk in the file. */
interface StoredChunk {
  readonly address: number;
  readonly bytes: number;
  readonly mask: number;
}

/**
 * Checks the sizes of chunks against the limits, before anything is read.
 *
 * @throws FormatError, LimitError
 */
export function checkChunks({ name, shape, chunk, elementBytes }: ChunkedData): void {
  if (chunk.length !== shape.length || chunk.some((size) => size < 1)) {
    throw new FormatError(
      HDF5,
      `${name}: chunks of [${chunk.join(', ')}] for a shape of [${shape.join(', ')}]`,
    );
  }
  const bytes = countElements(chunk) * elementBytes;
  if (bytes > MAX_HDF5_CHUNK_BYTES) {
    throw new LimitError(`chunk of ${name} in bytes`, MAX_HDF5_CHUNK_BYTES, bytes);
  }
  const row = countElements([chunk[0] ?? 1, ...shape.slice(1)]) * elementBytes;
  if (row > MAX_HDF5_CHUNK_BYTES) {
    throw new LimitError(`row of chunks of ${name} in bytes`, MAX_HDF5_CHUNK_BYTES, row);
  }
  const count = countElements(shape.map((size, axis) => Math.ceil(size / chunk[axis]!)));
  if (count > MAX_HDF5_CHUNKS) throw new LimitError(`chunks of ${name}`, MAX_HDF5_CHUNKS, count);
}

/**
 * Reads the elements in row-major order. One row of chunks, which share their place on the first axis, is
 * in memory at a time.
 */
export async function* readChunks(
  file: Hdf5File,
  data: ChunkedData,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { name, shape, chunk, elementBytes, filters } = data;
  const size = countElements(chunk) * elementBytes;
  const rowElements = countElements(shape.slice(1));
  if (rowElements === 0 || shape[0] === 0) return;
  const stored = await listChunks(file, data);
  const grid = shape.map((length, axis) => Math.ceil(length / chunk[axis]!));
  const columns = countElements(grid.slice(1));
  for (let row = 0; row < grid[0]!; row++) {
    const height = Math.min(chunk[0]!, shape[0]! - row * chunk[0]!);
    const slab = new Uint8Array(height * rowElements * elementBytes);
    for (let column = 0; column < columns; column++) {
      const place = [row, ...placeInGrid(column, grid.slice(1))];
      const found = stored.get(place.map((index, axis) => index * chunk[axis]!).join());
      if (found === undefined) {
        throw new FormatError(HDF5, `${name}: a chunk at [${place.join(', ')}] was never written`);
      }
      const packed = await file.source.read(found.address, found.bytes);
      const bytes = await undoFilters(packed, filters, {
        mask: found.mask,
        size,
        elementBytes,
        name,
      });
      copyChunk(bytes, slab, data, place, height);
    }
    for (let offset = 0; offset < slab.length; offset += CHUNK_BYTES) {
      yield slab.subarray(offset, offset + CHUNK_BYTES);
    }
  }
}

/** The place of a chunk in a grid, from its number in row-major order. */
function placeInGrid(number: number, grid: readonly number[]): number[] {
  const place: number[] = [];
  let rest = number;
  for (let axis = grid.length - 1; axis >= 0; axis--) {
    place.unshift(rest % grid[axis]!);
    rest = Math.floor(rest / grid[axis]!);
  }
  return place;
}

/** Copies a chunk's lines into the row of chunks. Chunks at the edges have more than the data set. */
function copyChunk(
  bytes: Uint8Array,
  slab: Uint8Array,
  { shape, chunk, elementBytes }: ChunkedData,
  place: readonly number[],
  height: number,
): void {
  const last = shape.length - 1;
  const sizes = shape.map((size, axis) =>
    axis === 0 ? height : Math.min(chunk[axis]!, size - place[axis]! * chunk[axis]!),
  );
  const lines = countElements(sizes.slice(0, -1));
  const lineBytes = sizes[last]! * elementBytes;
  const index = new Array<number>(shape.length).fill(0);
  for (let line = 0; line < lines; line++) {
    let from = 0;
    let to = 0;
    for (let axis = 0; axis <= last; axis++) {
      const offset = axis === 0 ? 0 : place[axis]! * chunk[axis]!;
      from = from * chunk[axis]! + (axis === last ? 0 : index[axis]!);
      to = to * (axis === 0 ? height : shape[axis]!) + (axis === last ? 0 : index[axis]!) + offset;
    }
    const start = from * elementBytes;
    slab.set(bytes.subarray(start, start + lineBytes), to * elementBytes);
    for (let axis = last - 1; axis >= 0; axis--) {
      index[axis]! += 1;
      if (index[axis]! < sizes[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** Walks the tree of chunks. Specification: section III.A.1, node type 1. */
async function listChunks(
  file: Hdf5File,
  { name, shape, chunk, tree, elementBytes }: ChunkedData,
): Promise<Map<string, StoredChunk>> {
  const found = new Map<string, StoredChunk>();
  const keyBytes = 8 + 8 * (shape.length + 1);
  const seen = new Set<number>();
  const nodes = [tree];
  let total = 0;
  for (let address = nodes.pop(); address !== undefined; address = nodes.pop()) {
    if (seen.has(address)) {
      throw new FormatError(HDF5, `${name}: its list of chunks leads back to itself`, address);
    }
    seen.add(address);
    const head = await file.readMetadata(address, 24);
    expectSignature(head, 'TREE');
    if (head.readUint8() !== 1) throw head.fail('expected a list of chunks, found a list of names');
    const level = head.readUint8();
    const count = head.readUint16();
    const body = await file.readMetadata(address + 24, count * (keyBytes + 8));
    for (let index = 0; index < count; index++) {
      const bytes = body.readUint32();
      const mask = body.readUint32();
      const offsets = shape.map(() => body.readUint64());
      body.skip(8);
      const child = body.readUint64();
      if (level > 0) {
        nodes.push(child);
        continue;
      }
      total += bytes;
      if (found.size >= MAX_HDF5_CHUNKS)
        throw new LimitError(`chunks of ${name}`, MAX_HDF5_CHUNKS, found.size + 1);
      found.set(offsets.join(), { address: child, bytes, mask });
    }
  }
  // Chunks that share bytes would let a small file describe endless work.
  if (total > file.byteLength) {
    throw new FormatError(
      HDF5,
      `${name}: its chunks have ${total} bytes, found ${file.byteLength} in the file`,
    );
  }
  const whole = found.size * countElements(chunk) * elementBytes;
  if (whole > total * MAX_INFLATION_RATIO + CHUNK_BYTES) {
    throw new LimitError(
      `inflation of ${name} (a bomb?)`,
      MAX_INFLATION_RATIO,
      Math.round(whole / total),
    );
  }
  return found;
}
