import { countElements, partsOf } from '../../base/nd-array.ts';
import type { Weights } from '../port/engine.ts';
import type { Network } from '../../network/network.ts';
import { bytesOf } from './bytes-of.ts';
import { align } from './graph-writer.ts';
import type { MappedWeight } from './lower/lowering.ts';

/** A folder for one session's files, from which the runtime maps weights instead of copying them. */
export interface ScratchFolder {
  /** Path of a file in the folder, in the form that the runtime takes. */
  pathOf(name: string): string;
  /** Writes each piece of a file at its offset. Each piece is made only after the previous one is written. */
  write(name: string, pieces: Iterable<FilePiece>): Promise<void>;
  read(name: string, offset: number, bytes: number): Promise<Uint8Array>;
  /** Removes a file. Ranges of it that are mapped already stay readable. */
  remove(name: string): Promise<void>;
  /** Removes the folder. */
  dispose(): void;
}

export interface FilePiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Name of the folder's file of mapped weights. */
const MAPPED_FILE = 'dense.bin';

/**
 * Dense kernels of at least this size are mapped from a file. VGG16's dense kernels have 411, 67 and 16 MB.
 * Without mapping, every graph would hold each kernel and a packed copy of it, and a third copy while it
 * loads.
 */
const LARGE_BYTES = 12 * 2 ** 20;

/** A session's weights: some in memory, the others in a file of the session's folder. */
export interface StoredWeights {
  readonly inMemory: Weights;
  readonly mapped: ReadonlyMap<string, MappedWeight>;
  readonly folder: ScratchFolder | null;
}

/** The part of an engine's options that says where weights go. */
export interface StoreWeightsOptions {
  readonly scratch?: () => Promise<ScratchFolder | null>;
  /** Whether a folder is also made for a model without large dense kernels. */
  readonly once?: boolean;
}

/**
 * Moves large dense kernels to a file, if a folder can be made; all other weights stay in memory. The result
 * does not refer to the arrays of the moved kernels, so that they can be collected.
 */
export async function storeWeights(
  network: Network,
  weights: Weights,
  { scratch, once = false }: StoreWeightsOptions,
): Promise<StoredWeights> {
  const shapes = new Map([...weights].map(([name, { shape }]) => [name, shape]));
  const mapped = planMapping(network, shapes);
  const folder = mapped.size > 0 || once ? ((await scratch?.()) ?? null) : null;
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

/**
 * All weights in memory, together with the named weights that are in the file. The latter are read back
 * into memory.
 */
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

/** Gives each large dense kernel of a network its range in the file. */
export function planMapping(
  network: Network,
  shapes: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, MappedWeight> {
  const mapped = new Map<string, MappedWeight>();
  // Other ops take values from memory: a GRU's kernel may also be a `constant`.
  const inMemory = new Set(
    network.nodes.flatMap(({ op, weights }) => (op.kind === 'dense' ? [] : Object.values(weights))),
  );
  let offset = 0;
  for (const { op, weights: own } of network.nodes) {
    const name = own['kernel'];
    if (op.kind !== 'dense' || name === undefined || mapped.has(name)) continue;
    if (inMemory.has(name)) continue;
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
      let { offset } = range;
      for (const part of partsOf(weights.get(name)!)) {
        yield { offset, bytes: bytesOf(part) };
        offset += part.byteLength;
      }
    }
  }
  return folder.write(MAPPED_FILE, pieces());
}

/** Removes the file of mapped weights. Weights that the runtime has mapped already stay readable. */
export function removeMapped(folder: ScratchFolder): Promise<void> {
  return folder.remove(MAPPED_FILE);
}
