/**
 * Decides where the weight bytes are cut into files. tfjs joins the shards again, so a cut may be anywhere,
 * but a shard that ends with a tensor can be cached and read on its own.
 */

/** Smallest sizes for every shard except the last, as shares of the largest size, tried in this order. */
const SMALLEST_SHARES = [0.5, 0.75, 0.9, 1];

/**
 * The sizes of the shards in bytes: as few shards as possible, none over `maxBytes`. The last shard is
 * never larger than another, because tfjs 4 silently reads zeros from such a file. Shards end at tensors
 * where that needs no further shard.
 *
 * @param tensorBytes bytes of each tensor, in order
 */
export function planShards(tensorBytes: readonly number[], maxBytes: number): number[] {
  const ends: number[] = [];
  let total = 0;
  for (const bytes of tensorBytes) {
    total += bytes;
    ends.push(total);
  }
  for (const share of SMALLEST_SHARES) {
    const sizes = cutAtTensors(ends, total, maxBytes, share * maxBytes);
    const last = sizes.at(-1) ?? 0;
    if (sizes.every((size) => size >= last)) return sizes;
  }
  return [];
}

/** tfjs's usual names, such as `group1-shard2of25.bin`. */
export function nameShards(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `group1-shard${index + 1}of${count}.bin`);
}

function cutAtTensors(
  ends: readonly number[],
  total: number,
  maxBytes: number,
  smallest: number,
): number[] {
  const count = Math.ceil(total / maxBytes);
  const sizes: number[] = [];
  let start = 0;
  for (let shard = 0; shard < count - 1; shard++) {
    // The bytes that remain after this shard must fit into the shards after it.
    const least = Math.max(start + smallest, total - (count - shard - 1) * maxBytes);
    const most = start + maxBytes;
    const boundaries = ends.filter((end) => end >= least && end <= most);
    const end = boundaries.at(-1) ?? most;
    sizes.push(end - start);
    start = end;
  }
  if (total > start) sizes.push(total - start);
  return sizes;
}
