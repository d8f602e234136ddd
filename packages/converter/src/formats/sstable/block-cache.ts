import { BLOCK_CACHE_BYTES } from '../../bytes/limits.ts';
import type { RandomAccessSource } from '../../bytes/source.ts';
import { readBlock } from './block.ts';
import type { BlockHandle } from './footer.ts';

/** Reads whole blocks of one file and keeps the last few, because many small tensors share a block. */
export type BlockCache = (handle: BlockHandle) => Promise<Uint8Array>;

/**
 * Creates a cache of at most `BLOCK_CACHE_BYTES`, from which the block that was used longest ago is removed
 * first.
 */
export function createBlockCache(source: RandomAccessSource): BlockCache {
  const blocks = new Map<number, Uint8Array>();
  let held = 0;
  return async (handle) => {
    const kept = blocks.get(handle.offset);
    if (kept !== undefined) {
      blocks.delete(handle.offset);
      blocks.set(handle.offset, kept);
      return kept;
    }
    const contents = await readBlock(source, handle);
    blocks.set(handle.offset, contents);
    held += contents.length;
    for (const [offset, oldest] of blocks) {
      if (held <= BLOCK_CACHE_BYTES || offset === handle.offset) break;
      blocks.delete(offset);
      held -= oldest.length;
    }
    return contents;
  };
}
