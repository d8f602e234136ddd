import type { RandomAccessSource } from '../bytes/source.ts';
import { hasNpyMagic } from './npy/header.ts';
import { hasSafetensorsHead } from './safetensors/header-length.ts';
import { hasTableMagic } from './sstable/footer.ts';
import { hasLegacyMagic, hasTorchTarHead } from './torch/container-kind.ts';

/** The format of a file, recognised by its bytes, because file names can be wrong. */
export type FileKind =
  | 'npy'
  | 'table'
  | 'zip'
  | 'gzip'
  | 'tar'
  | 'json'
  | 'hdf5'
  | 'torch-legacy'
  | 'torch-tar'
  | 'safetensors'
  | 'unknown';

const TAR_MAGIC_OFFSET = 257;
const HEAD_BYTES = 264;

/** Tells the kind of a file from its first and last bytes. */
export async function detectFileKind(source: RandomAccessSource): Promise<FileKind> {
  const { byteLength } = source;
  const head = await source.read(0, Math.min(HEAD_BYTES, byteLength));
  if (hasNpyMagic(head)) return 'npy';
  if (startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06])) {
    return 'zip';
  }
  if (startsWith(head, [0x1f, 0x8b])) return 'gzip';
  if (startsWith(head, [0x89, 0x48, 0x44, 0x46])) return 'hdf5';
  if (hasLegacyMagic(head)) return 'torch-legacy';
  if (hasTorchTarHead(head)) return 'torch-tar';
  if (hasSafetensorsHead(head, byteLength)) return 'safetensors';
  if (startsWith(head.subarray(TAR_MAGIC_OFFSET), [0x75, 0x73, 0x74, 0x61, 0x72])) return 'tar';
  const tail = await source.read(Math.max(0, byteLength - 8), Math.min(8, byteLength));
  if (hasTableMagic(tail)) return 'table';
  return head[0] === 0x7b ? 'json' : 'unknown';
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
