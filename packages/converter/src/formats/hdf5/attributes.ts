import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { MAX_HDF5_METADATA_BYTES } from '../../bytes/limits.ts';
import { FormatError } from '../../errors.ts';
import { countElements } from '../../tensors/stored-tensor.ts';
import { readDataspace, readDatatype } from './datatype.ts';
import { expectSignature, HDF5, type Hdf5File } from './hdf5-file.ts';
import type { HeaderMessage } from './object-header.ts';

/** The value of an attribute: a text, or a list of texts. Attributes of other types are left out. */
export type AttributeValue = string | readonly string[];

/** Bytes of a reference to the heap: a length, the address of a collection and an index in it. */
const HEAP_REFERENCE_BYTES = 16;

/** Bytes before the texts of a heap, and before each text. */
const HEAP_HEAD_BYTES = 16;

/**
 * Reads the texts among an object's attributes. Specification: section IV.A.2.m, versions 1 to 3.
 *
 * @throws FormatError for a size that is not there
 */
export async function readAttributes(
  file: Hdf5File,
  messages: readonly HeaderMessage[],
): Promise<Map<string, AttributeValue>> {
  const found = new Map<string, AttributeValue>();
  for (const message of messages) {
    const read = await readAttribute(file, message.open());
    if (read !== null) found.set(read.name, read.value);
  }
  return found;
}

async function readAttribute(
  file: Hdf5File,
  cursor: ByteCursor,
): Promise<{ name: string; value: AttributeValue } | null> {
  const version = cursor.readUint8();
  if (version < 1 || version > 3) throw cursor.fail(`unknown version ${version} of an attribute`);
  const flags = cursor.readUint8();
  const sizes = [cursor.readUint16(), cursor.readUint16(), cursor.readUint16()] as const;
  if (version === 3) cursor.skip(1);
  const take = (size: number): ByteCursor => {
    const at = cursor.position;
    const part = new ByteCursor(cursor.readBytes(size), HDF5, at);
    if (version === 1) cursor.skip(Math.min(-size & 7, cursor.remaining));
    return part;
  };
  const name = decodeText(take(sizes[0]).readBytes(sizes[0]));
  // A type that lies elsewhere in the file: no writer of models does this.
  if (version > 1 && (flags & 3) !== 0) return null;
  const type = readDatatype(take(sizes[1]));
  const shape = readDataspace(take(sizes[2]));
  const count = countElements(shape);
  if (type.kind !== 'text' && type.kind !== 'heap-text') return null;
  if (count * Math.max(1, type.size) > cursor.remaining) {
    throw cursor.fail(
      `attribute ${name}: expected ${count} texts of ${type.size} bytes, found ${cursor.remaining} bytes`,
    );
  }
  const texts: string[] = [];
  for (let index = 0; index < count; index++) {
    texts.push(
      type.kind === 'text'
        ? decodeText(cursor.readBytes(type.size))
        : await readHeapText(
            file,
            new ByteCursor(cursor.readBytes(HEAP_REFERENCE_BYTES), HDF5, cursor.position),
          ),
    );
  }
  return { name, value: shape.length === 0 ? (texts[0] ?? '') : texts };
}

/** Reads a text from the global heap. */
async function readHeapText(file: Hdf5File, reference: ByteCursor): Promise<string> {
  const length = reference.readUint32();
  if (length === 0) return '';
  const address = reference.readUint64();
  const index = reference.readUint32();
  const heap = file.heaps.get(address) ?? (await readHeap(file, address));
  file.heaps.set(address, heap);
  const found = heap.get(index);
  if (found === undefined || found.length < length) {
    throw new FormatError(
      HDF5,
      `expected a text ${index} of ${length} bytes in a heap, found ${found?.length ?? 'none'}; the file is damaged`,
      address,
    );
  }
  return decodeText(found.subarray(0, length));
}

/** Reads a collection of the global heap: its texts by their numbers. Specification: section III.E. */
async function readHeap(file: Hdf5File, address: number): Promise<Map<number, Uint8Array>> {
  const head = await file.readMetadata(address, HEAP_HEAD_BYTES);
  expectSignature(head, 'GCOL');
  head.skip(4);
  const size = head.readUint64();
  if (size > MAX_HDF5_METADATA_BYTES) throw head.fail(`a heap of ${size} bytes`);
  const heap = await file.readMetadata(address, size);
  heap.skip(HEAP_HEAD_BYTES);
  const texts = new Map<number, Uint8Array>();
  while (heap.remaining >= HEAP_HEAD_BYTES) {
    const index = heap.readUint16();
    heap.skip(6);
    const bytes = heap.readUint64();
    // Index 0 is the free space at the end.
    if (index === 0) break;
    texts.set(index, heap.readBytes(bytes));
    heap.skip(Math.min(-bytes & 7, heap.remaining));
  }
  return texts;
}

/** UTF-8 up to the first zero byte. */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
