import { countElements } from '../../base/nd-array.ts';
import type { Weights } from '../port/engine.ts';
import type { Network } from '../../network/network.ts';
import { align } from './graph-writer.ts';
import type { MappedWeight } from './lower/lowering.ts';

/** A folder for one session's files, from which the runtime maps weights instead of copying them. */
export interface ScratchFolder {
  /** Path of a file in it, as the runtime takes it. */
  pathOf(name: string): string;
  /** Writes a file from its pieces, each at its offset, taken one after the other. */
  write(name: string, pieces: Iterable<FilePiece>): Promise<void>;
  read(name: string, offset: number, bytes: number): Promise<Uint8Array>;
  /** Removes a file; what is mapped of it stays. */
  remove(name: string): Promise<void>;
  /** Removes the folder. */
  dispose(): void;
}

export interface FilePiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Name of the file of mapped weights in the folder. */
const MAPPED_FILE = 'dense.bin';

/**
 * Dense kernels from this size are mapped. Smaller ones are not worth a file; VGG16's have 411, 67 and
 * 16 MB, and every graph would hold each of them and its packed copy, and for a while a third.
 */
const LARGE_BYTES = 12 * 2 ** 20;

/** A session's weights: in memory, or in a file of its folder. */
export interface StoredWeights {
  readonly inMemory: Weights;
  readonly mapped: ReadonlyMap<string, MappedWeight>;
  readonly folder: ScratchFolder | null;
}

/**
 * Moves large dense kernels to a file, where a folder can be made for it; the others stay in memory.
 *
 * @param weights are not held any more by what is returned where they are in the file.
 */
export async function storeWeights(
  network: Network,
  weights: Weights,
  makeFolder: (() => Promise<ScratchFolder | null>) | undefined,
): Promise<StoredWeights> {
  const shapes = new Map([...weights].map(([name, { shape }]) => [name, shape]));
  const mapped = planMapping(network, shapes);
  const folder = mapped.size === 0 ? null : ((await makeFolder?.()) ?? null);
  if (folder === null) return { inMemory: weights, mapped: new Map(), folder: null };
  try {
    await writeMapped(folder, mapped, weights);
    const inMemory = new Map([...weights].filter(([name]) => !mapped.has(name)));
    return { inMemory, mapped, folder };
  } catch (error) {
    folder.dispose();
    throw error;
  }
}

/** The weights of those names, read back where they are in the file. */
export async function recallWeights(
  { inMemory, mapped, folder }: StoredWeights,
  names: readonly string[],
): Promise<Weights> {
  const recalled = new Map(inMemory);
  for (const name of names) {
    const found = mapped.get(name);
    if (found === undefined || folder === null) continue;
    const { file, offset, bytes } = found.range;
    const { buffer } = await folder.read(file, offset, bytes);
    recalled.set(name, { shape: found.shape, data: new Float32Array(buffer, 0, bytes / 4) });
  }
  return recalled;
}

/** The large dense kernels of a network, each with its place in the file. */
export function planMapping(
  network: Network,
  shapes: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, MappedWeight> {
  const mapped = new Map<string, MappedWeight>();
  let offset = 0;
  for (const { op, weights: own } of network.nodes) {
    const name = own['kernel'];
    if (op.kind !== 'dense' || name === undefined || mapped.has(name)) continue;
    const shape = shapes.get(name) ?? [];
    const bytes = countElements(shape) * Float32Array.BYTES_PER_ELEMENT;
    if (bytes < LARGE_BYTES) continue;
    mapped.set(name, { range: { file: MAPPED_FILE, offset, bytes }, shape });
    offset += align(bytes);
  }
  return mapped;
}

/** Writes the file of mapped weights. */
export function writeMapped(
  folder: ScratchFolder,
  mapped: ReadonlyMap<string, MappedWeight>,
  weights: Weights,
): Promise<void> {
  function* pieces(): Generator<FilePiece> {
    for (const [name, { range }] of mapped) {
      yield { offset: range.offset, bytes: bytesOf(weights.get(name)!.data) };
    }
  }
  return folder.write(MAPPED_FILE, pieces());
}

/** Removes it; what the runtime has mapped of it stays. */
export function removeMapped(folder: ScratchFolder): Promise<void> {
  return folder.remove(MAPPED_FILE);
}

/** The memory of an array as bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
