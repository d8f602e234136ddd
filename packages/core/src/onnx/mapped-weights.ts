import type { Weights } from '../engine/engine.ts';
import type { Network } from '../network/network.ts';
import { align } from './graph-writer.ts';
import type { MappedWeight } from './lower/lowering.ts';

/** A folder for one session's files, from which the runtime maps weights instead of copying them. */
export interface ScratchFolder {
  /** Path of a file in it, as the runtime takes it. */
  pathOf(name: string): string;
  /** Writes a file from its pieces, each at its offset. */
  write(name: string, pieces: readonly FilePiece[]): Promise<void>;
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
const FILE = 'dense.bin';

/**
 * Dense kernels from this size are mapped. Smaller ones are not worth a file; VGG16's first is 411 MB,
 * and the runtime would hold it, its packed copy, and for a while a third.
 */
const LARGE_BYTES = 32 * 2 ** 20;

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
  makeFolder: (() => Promise<ScratchFolder>) | undefined,
): Promise<StoredWeights> {
  const names = makeFolder === undefined ? [] : listLargeKernels(network, weights);
  if (makeFolder === undefined || names.length === 0) {
    return { inMemory: weights, mapped: new Map(), folder: null };
  }
  const folder = await makeFolder();
  try {
    const mapped = await mapWeights(folder, names, weights);
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

function listLargeKernels(network: Network, weights: Weights): string[] {
  const names = network.nodes.flatMap(({ op, weights: own }) =>
    op.kind === 'dense' && own['kernel'] !== undefined ? [own['kernel']] : [],
  );
  return [...new Set(names)].filter(
    (name) => (weights.get(name)?.data.byteLength ?? 0) >= LARGE_BYTES,
  );
}

async function mapWeights(
  folder: ScratchFolder,
  names: readonly string[],
  weights: Weights,
): Promise<Map<string, MappedWeight>> {
  const mapped = new Map<string, MappedWeight>();
  const pieces: FilePiece[] = [];
  let offset = 0;
  for (const name of names) {
    const { shape, data } = weights.get(name)!;
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    pieces.push({ offset, bytes });
    mapped.set(name, { range: { file: FILE, offset, bytes: data.byteLength }, shape });
    offset += align(data.byteLength);
  }
  await folder.write(FILE, pieces);
  return mapped;
}
