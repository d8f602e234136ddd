import { ChecksumError, FormatError, NotFoundError } from '../../errors.ts';
import { CRC32C, formatCrc32c, maskCrc32c } from '../../bytes/crc32c.ts';
import { createVerifiedSource } from '../../bytes/verified-source.ts';
import type { RandomAccessSource, SourceFolder } from '../../bytes/source.ts';
import { readArrayChunks, swapByteOrder } from '../../tensors/array-chunks.ts';
import { ELEMENT_BYTES, getSwapBytes } from '../../tensors/dtype.ts';
import {
  countElements,
  measureTensor,
  type SkippedEntry,
  type StoredTensor,
  type WeightFile,
} from '../../tensors/stored-tensor.ts';
import { toText } from '../protobuf/wire.ts';
import { readTable } from '../sstable/read-table.ts';
import {
  readBundleEntry,
  readBundleHeader,
  type BundleEntry,
  type BundleHeader,
} from './messages.ts';
import { encodeSliceKey } from './ordered-code.ts';
import { checkBoxes, readJoinedChunks, resolveBox } from './slices.ts';

/**
 * Checkpoints since TensorFlow 0.12 (the "tensor bundle"): a table of names in `prefix.index`, and raw
 * bytes in `prefix.data-SSSSS-of-NNNNN`. Specification:
 * tensorflow/core/util/tensor_bundle/{tensor_bundle,naming}.cc, core/protobuf/tensor_bundle.proto.
 */
const FORMAT = 'tf-checkpoint-v2';

/** Largest entry. Entries are small messages; a partitioned variable lists all its slices in one. */
const MAX_ENTRY_BYTES = 1024 * 1024;

/** An open bundle, with what its tensors need to find their bytes. */
interface Bundle {
  readonly prefix: string;
  readonly header: BundleHeader;
  /** The entries by their keys as latin1 text, because the keys of slices are binary. */
  readonly entries: ReadonlyMap<string, BundleEntry>;
  openShard(shard: number): Promise<RandomAccessSource>;
}

/**
 * Reads the tensors of a V2 checkpoint. A data file is opened only when one of its tensors is read, so a
 * missing file affects only its own tensors.
 *
 * @param prefix base name without `.index`
 * @throws FormatError, ChecksumError, LimitError; NotFoundError from `chunks()` for a missing shard
 */
export async function readCheckpointV2(
  index: RandomAccessSource,
  prefix: string,
  folder: SourceFolder,
): Promise<WeightFile> {
  const bundle = await openBundle(index, prefix, folder);
  const tensors: StoredTensor[] = [];
  const skipped: SkippedEntry[] = [];
  for (const [key, entry] of bundle.entries) {
    // Keys that begin with 0 belong to slices of partitioned variables, which are found through their
    // variable.
    if (key.startsWith('\0')) continue;
    const name = toText(Uint8Array.from(key, (char) => char.charCodeAt(0)));
    if (ELEMENT_BYTES[entry.dtype] === 0) {
      skipped.push({ name, reason: `dtype ${entry.dtype}` });
    } else {
      tensors.push(createTensor(bundle, name, entry));
    }
  }
  return { format: FORMAT, tensors, skipped };
}

/** `prefix.data-00001-of-00002`: naming.cc's DataFilename. */
export function formatShardName(prefix: string, shard: number, shardCount: number): string {
  const pad = (number: number) => String(number).padStart(5, '0');
  return `${prefix}.data-${pad(shard)}-of-${pad(shardCount)}`;
}

async function openBundle(
  index: RandomAccessSource,
  prefix: string,
  folder: SourceFolder,
): Promise<Bundle> {
  const [first, ...rest] = await readTable(index);
  if (first === undefined || first.key.length !== 0) {
    throw new FormatError(FORMAT, `${index.name} has no header entry`);
  }
  const read = async (value: RandomAccessSource) => {
    if (value.byteLength > MAX_ENTRY_BYTES) {
      throw new FormatError(FORMAT, `an entry of ${value.byteLength} bytes in ${index.name}`);
    }
    return value.read(0, value.byteLength);
  };
  const header = readBundleHeader(await read(first.value.openVerified(0, first.value.byteLength)));
  const entries = new Map<string, BundleEntry>();
  for (const { key, value } of rest) {
    const text = String.fromCharCode(...key);
    const bytes = await read(value.openVerified(0, value.byteLength));
    entries.set(text, readBundleEntry(bytes, text));
  }
  const shards = new Map<number, Promise<RandomAccessSource>>();
  return {
    prefix,
    header,
    entries,
    openShard(shard) {
      const opened =
        shards.get(shard) ??
        openShard(folder, prefix, shard, header.shardCount).then((source) => {
          checkSizes(source, shard, entries.values());
          return source;
        });
      shards.set(shard, opened);
      return opened;
    },
  };
}

/**
 * Checks that entries share no bytes: otherwise a small file could describe endless work. TensorFlow writes
 * no such files.
 */
function checkSizes(
  source: RandomAccessSource,
  shard: number,
  entries: Iterable<BundleEntry>,
): void {
  let bytes = 0;
  for (const entry of entries) if (entry.shard === shard) bytes += Math.max(0, entry.size);
  if (bytes <= source.byteLength) return;
  throw new FormatError(
    FORMAT,
    `the tensors in ${source.name} take ${bytes} bytes, but the file has ${source.byteLength}; the file is truncated, or the tensors overlap`,
  );
}

async function openShard(
  folder: SourceFolder,
  prefix: string,
  shard: number,
  shardCount: number,
): Promise<RandomAccessSource> {
  const name = formatShardName(prefix, shard, shardCount);
  const source = await folder.open(name);
  if (source !== undefined) return source;
  throw new NotFoundError(
    name,
    `${prefix}.index needs the data file ${name}, which is not in the same folder; put the data file there`,
  );
}

function createTensor(bundle: Bundle, name: string, entry: BundleEntry): StoredTensor {
  const { dtype, shape } = entry;
  const byteLength = measureTensor(name, dtype, shape);
  const parts = entry.slices.map((extents) => {
    const box = resolveBox(name, shape, extents);
    const key = String.fromCharCode(...encodeSliceKey(name, extents));
    const part = bundle.entries.get(key);
    if (part === undefined || part.dtype !== dtype) {
      throw new FormatError(FORMAT, `no entry for a slice of the partitioned variable ${name}`);
    }
    checkEntry(bundle, name, part, countElements(box.length));
    return { ...box, part };
  });
  if (parts.length === 0) checkEntry(bundle, name, entry, countElements(shape));
  else checkBoxes(name, shape, parts);
  const { bigEndian } = bundle.header;
  return {
    name,
    dtype,
    shape,
    byteLength,
    async *chunks() {
      if (parts.length === 0) {
        const source = await openEntry(bundle, name, entry);
        yield* readArrayChunks(source, { dtype, shape, fortranOrder: false, bigEndian });
        return;
      }
      const boxes = [];
      for (const { start, length, part } of parts) {
        boxes.push({ start, length, source: await openEntry(bundle, name, part) });
      }
      for await (const chunk of readJoinedChunks(shape, ELEMENT_BYTES[dtype], boxes)) {
        yield bigEndian ? swapByteOrder(chunk, getSwapBytes(dtype)) : chunk;
      }
    },
  };
}

function checkEntry(bundle: Bundle, name: string, entry: BundleEntry, count: number): void {
  const wanted = count * ELEMENT_BYTES[entry.dtype];
  const { shard, size } = entry;
  if (size !== wanted) {
    throw new FormatError(FORMAT, `${name}: expected ${wanted} bytes for its shape, found ${size}`);
  }
  if (shard < 0 || shard >= bundle.header.shardCount) {
    throw new FormatError(
      FORMAT,
      `${name} claims to be in shard ${shard}, but there are ${bundle.header.shardCount} shards (counted from 0)`,
    );
  }
}

async function openEntry(
  bundle: Bundle,
  name: string,
  entry: BundleEntry,
): Promise<RandomAccessSource> {
  const source = await bundle.openShard(entry.shard);
  const { offset, size } = entry;
  if (offset < 0 || offset + size > source.byteLength) {
    throw new FormatError(
      FORMAT,
      `${name} is at byte ${offset} of ${source.name} and ${size} bytes long, but the file has only ${source.byteLength}; the file is truncated`,
      offset,
    );
  }
  return createVerifiedSource({
    source,
    algorithm: CRC32C,
    start: offset,
    byteLength: size,
    coveredStart: offset,
    coveredEnd: offset + size,
    check(crc) {
      const found = maskCrc32c(crc);
      if (found === entry.crc32c) return;
      throw new ChecksumError(
        `tensor ${name} in ${source.name}`,
        'masked crc32c',
        formatCrc32c(entry.crc32c),
        formatCrc32c(found),
      );
    },
  });
}
