import { ByteCursor } from '../../bytes/byte-cursor.ts';
import { MAX_HDF5_MESSAGES } from '../../bytes/limits.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { HDF5, expectSignature, type Hdf5File } from './hdf5-file.ts';

/** The kinds of header messages that are read. Specification: section IV.A.2. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

/** One fact about an object: a message of its header. */
export interface HeaderMessage {
  readonly kind: number;
  /** The content lies elsewhere in the file, as that of a named data type. */
  readonly isShared: boolean;
  /** A new cursor over the content. */
  open(): ByteCursor;
}

/** A part of a header: where its messages begin and end. */
interface Block {
  readonly address: number;
  readonly length: number;
}

const PREFIX_BYTES = 16;
const SHARED = 0x02;

/**
 * Reads the messages in the header of a group or data set. The header may continue in further blocks; each
 * block is read once, so that blocks that refer to each other end in an error.
 *
 * @throws FormatError, LimitError, UnsupportedError (an unknown version)
 */
export async function readObjectHeader(file: Hdf5File, address: number): Promise<HeaderMessage[]> {
  const prefix = await file.readMetadata(address, PREFIX_BYTES);
  const version = prefix.readUint8();
  if (version === 0x4f) return readVersion2(file, address);
  if (version !== 1) {
    throw new UnsupportedError(
      `HDF5 object header ${version}`,
      `${file.name}: byte ${address} holds no header of a group or data set (version ${version}, expected 1 or 2); the file is damaged`,
    );
  }
  prefix.skip(1);
  prefix.skip(2 + 4);
  const first = { address: address + PREFIX_BYTES, length: prefix.readUint32() };
  return readBlocks(file, first, (cursor) => {
    const kind = cursor.readUint16();
    const size = cursor.readUint16();
    const flags = cursor.readUint8();
    cursor.skip(3);
    return { kind, size, flags };
  });
}

async function readVersion2(file: Hdf5File, address: number): Promise<HeaderMessage[]> {
  const prefix = await file.readMetadata(address, Math.min(64, file.byteLength - address));
  expectSignature(prefix, 'OHDR');
  prefix.skip(1);
  const flags = prefix.readUint8();
  if ((flags & 0x20) !== 0) prefix.skip(16);
  if ((flags & 0x10) !== 0) prefix.skip(4);
  const sizeBytes = 1 << (flags & 3);
  const size =
    sizeBytes === 1
      ? prefix.readUint8()
      : sizeBytes === 2
        ? prefix.readUint16()
        : sizeBytes === 4
          ? prefix.readUint32()
          : prefix.readUint64();
  const first = { address: prefix.position, length: size };
  const hasOrder = (flags & 0x04) !== 0;
  return readBlocks(
    file,
    first,
    (cursor) => {
      const kind = cursor.readUint8();
      const length = cursor.readUint16();
      const messageFlags = cursor.readUint8();
      if (hasOrder) cursor.skip(2);
      return { kind, size: length, flags: messageFlags };
    },
    'OCHK',
  );
}

/**
 * Reads the messages of all blocks.
 *
 * @param signature of further blocks, which then end with a checksum of 4 bytes.
 */
async function readBlocks(
  file: Hdf5File,
  first: Block,
  readPrefix: (cursor: ByteCursor) => { kind: number; size: number; flags: number },
  signature?: string,
): Promise<HeaderMessage[]> {
  const messages: HeaderMessage[] = [];
  const blocks: Block[] = [first];
  const seen = new Set<number>();
  const smallest = signature === undefined ? 8 : 4;
  for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
    if (seen.has(block.address)) {
      throw new FormatError(
        HDF5,
        'a header continues in itself; the file is damaged',
        block.address,
      );
    }
    seen.add(block.address);
    const whole = await file.readMetadata(block.address, block.length);
    const isFurther = block !== first && signature !== undefined;
    if (isFurther) expectSignature(whole, signature);
    const tail = isFurther ? 4 : 0;
    while (whole.remaining - tail >= smallest) {
      const { kind, size, flags } = readPrefix(whole);
      const at = whole.position;
      const bytes = whole.readBytes(size);
      const open = (): ByteCursor => new ByteCursor(bytes, HDF5, at);
      if (kind === MESSAGE.continuation) {
        const cursor = open();
        blocks.push({ address: cursor.readUint64(), length: cursor.readUint64() });
      } else {
        messages.push({ kind, isShared: (flags & SHARED) !== 0, open });
      }
      if (messages.length + blocks.length > MAX_HDF5_MESSAGES) {
        throw new LimitError(
          'messages of an HDF5 header',
          MAX_HDF5_MESSAGES,
          messages.length + blocks.length,
        );
      }
    }
  }
  return messages;
}
