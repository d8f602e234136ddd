import { FormatError } from '../errors.ts';
import type { ArtifactSink } from './sink.ts';

/** A weight ready to be written. */
export interface WeightBytes {
  readonly name: string;
  /** The number of bytes that `chunks` yields. */
  readonly byteLength: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** The options of {@link writeShards}. */
export interface WriteShardsOptions {
  readonly signal?: AbortSignal | undefined;
  /** Receives the number of bytes written so far. */
  readonly onProgress?: ((doneBytes: number) => void) | undefined;
}

/**
 * Writes weights one after the other into shards of planned sizes.
 *
 * @returns the sha256 of each shard, by name
 */
export async function writeShards(
  sink: ArtifactSink,
  weights: readonly WeightBytes[],
  shards: readonly { readonly name: string; readonly byteLength: number }[],
  options: WriteShardsOptions = {},
): Promise<Record<string, string>> {
  const digests: Promise<readonly [string, string]>[] = [];
  const pieces = readAhead(readPieces(weights, options));
  let rest: Uint8Array = new Uint8Array(0);
  let done = 0;
  for (const shard of shards) {
    const file = await sink.createFile(shard.name);
    for (let missing = shard.byteLength; missing > 0;) {
      if (rest.length === 0) {
        const next = await pieces.next();
        if (next.done === true) throw new FormatError('weights', 'fewer bytes than planned');
        rest = next.value;
      }
      const part = rest.subarray(0, missing);
      await file.write(part);
      rest = rest.subarray(part.length);
      missing -= part.length;
      done += part.length;
      options.onProgress?.(done);
    }
    const { name } = shard;
    const digest = file.close().then((sha256) => [name, sha256] as const);
    // The error is handled below. Without this line it would count as an unhandled rejection until then.
    digest.catch(() => undefined);
    digests.push(digest);
  }
  // The last reader runs to its end so that it can verify its checksum.
  const surplus = rest.length > 0 || (await pieces.next()).done !== true;
  if (surplus) throw new FormatError('weights', 'more bytes than planned');
  return Object.fromEntries(await Promise.all(digests));
}

async function* readPieces(
  weights: readonly WeightBytes[],
  options: WriteShardsOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const weight of weights) {
    let bytes = 0;
    for await (const chunk of weight.chunks()) {
      options.signal?.throwIfAborted();
      bytes += chunk.length;
      if (chunk.length > 0) yield chunk;
    }
    if (bytes !== weight.byteLength) {
      throw new FormatError('weights', `${weight.name} has ${bytes} of ${weight.byteLength} bytes`);
    }
  }
}

/** Requests the next item before the current one is used, so that reading and writing overlap. */
async function* readAhead<T>(items: AsyncGenerator<T, void, undefined>): AsyncGenerator<T> {
  let coming = items.next();
  try {
    for (let item = await coming; item.done !== true; item = await coming) {
      coming = items.next();
      // The error is handled in the next round, if there is one.
      coming.catch(() => undefined);
      yield item.value;
    }
  } finally {
    await items.return();
  }
}
