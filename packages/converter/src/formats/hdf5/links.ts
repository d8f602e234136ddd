import { MAX_HDF5_OBJECTS, MAX_NAME_BYTES } from '../../bytes/limits.ts';
import { FormatError, LimitError, UnsupportedError } from '../../errors.ts';
import { decodeText } from './attributes.ts';
import { expectSignature, HDF5, readAddress, type Hdf5File } from './hdf5-file.ts';
import { MESSAGE, type HeaderMessage } from './object-header.ts';

/** The members of a group: names to the addresses of their headers, in the order of the file. */
export type Links = Map<string, number>;

const NODE_HEAD_BYTES = 24;
const ENTRY_BYTES = 40;
const LEAF_HEAD_BYTES = 8;

/** An entry of a symbol table that is a link by name, not an object. */
const SYMBOLIC = 2;

/**
 * Lists the members of a group. Groups have either a symbol table (what h5py writes by default) or link
 * messages; a large group of the second kind keeps its links in a heap, which is not read.
 *
 * @returns null for an object that is no group.
 */
export async function readLinks(
  file: Hdf5File,
  messages: readonly HeaderMessage[],
): Promise<Links | null> {
  const table = messages.find(({ kind }) => kind === MESSAGE.symbolTable);
  if (table !== undefined) {
    const cursor = table.open();
    return readSymbolTable(file, cursor.readUint64(), cursor.readUint64());
  }
  const info = messages.find(({ kind }) => kind === MESSAGE.linkInfo);
  const links = messages.filter(({ kind }) => kind === MESSAGE.link);
  if (info === undefined && links.length === 0) return null;
  if (info !== undefined) {
    const cursor = info.open();
    cursor.skip(1);
    const flags = cursor.readUint8();
    if ((flags & 1) !== 0) cursor.skip(8);
    if (readAddress(cursor) !== null) {
      throw new UnsupportedError(
        'HDF5 fractal heap',
        `${file.name} was written with libver='latest', whose large groups cannot be read; save the model again with Keras, or copy it with h5repack`,
      );
    }
  }
  const found: Links = new Map();
  for (const link of links) {
    const member = readLink(link);
    if (member !== null) found.set(member.name, member.address);
  }
  return found;
}

/** Specification: section IV.A.2.g. Links to other files are left out. */
function readLink(message: HeaderMessage): { name: string; address: number } | null {
  const cursor = message.open();
  cursor.skip(1);
  const flags = cursor.readUint8();
  const type = (flags & 0x08) !== 0 ? cursor.readUint8() : 0;
  if ((flags & 0x04) !== 0) cursor.skip(8);
  if ((flags & 0x10) !== 0) cursor.skip(1);
  const sizes = [
    () => cursor.readUint8(),
    () => cursor.readUint16(),
    () => cursor.readUint32(),
    () => cursor.readUint64(),
  ];
  const name = decodeText(cursor.readBytes(sizes[flags & 3]!()));
  return type === 0 ? { name, address: cursor.readUint64() } : null;
}

/** Walks the tree of a symbol table. Specification: sections III.A.1, III.B to III.D. */
async function readSymbolTable(file: Hdf5File, tree: number, heap: number): Promise<Links> {
  const names = await readLocalHeap(file, heap);
  const found: Links = new Map();
  const seen = new Set<number>();
  const nodes = [tree];
  for (let address = nodes.pop(); address !== undefined; address = nodes.pop()) {
    if (seen.has(address)) {
      throw new FormatError(
        HDF5,
        'a list of names leads back to itself; the file is damaged',
        address,
      );
    }
    seen.add(address);
    const head = await file.readMetadata(address, NODE_HEAD_BYTES);
    expectSignature(head, 'TREE');
    if (head.readUint8() !== 0) throw head.fail('expected a list of names, found a list of chunks');
    const level = head.readUint8();
    const count = head.readUint16();
    const body = await file.readMetadata(address + NODE_HEAD_BYTES, count * 16);
    const children: number[] = [];
    for (let index = 0; index < count; index++) {
      body.skip(8);
      children.push(body.readUint64());
    }
    if (level > 0) {
      nodes.push(...children.reverse());
      continue;
    }
    for (const leaf of children) {
      if (seen.has(leaf)) throw new FormatError(HDF5, 'a part of a group is listed twice', leaf);
      seen.add(leaf);
      await readLeaf(file, leaf, names, found);
    }
    if (found.size > MAX_HDF5_OBJECTS) {
      throw new LimitError(`members of a group in ${file.name}`, MAX_HDF5_OBJECTS, found.size);
    }
  }
  return found;
}

async function readLeaf(
  file: Hdf5File,
  address: number,
  names: (offset: number) => string,
  found: Links,
): Promise<void> {
  const head = await file.readMetadata(address, LEAF_HEAD_BYTES);
  expectSignature(head, 'SNOD');
  head.skip(2);
  const count = head.readUint16();
  const body = await file.readMetadata(address + LEAF_HEAD_BYTES, count * ENTRY_BYTES);
  for (let index = 0; index < count; index++) {
    const name = names(body.readUint64());
    const header = body.readUint64();
    const cache = body.readUint32();
    body.skip(20);
    if (cache === SYMBOLIC) continue;
    if (found.has(name))
      throw new FormatError(HDF5, `two members of a group are called ${name}`, address);
    found.set(name, header);
  }
}

/** Reads the names of a group, and returns a function from an offset to the name there. */
async function readLocalHeap(file: Hdf5File, address: number): Promise<(offset: number) => string> {
  const head = await file.readMetadata(address, 32);
  expectSignature(head, 'HEAP');
  head.skip(4);
  const size = head.readUint64();
  head.skip(8);
  const at = head.readUint64();
  const heap = await file.readMetadata(at, size);
  const bytes = heap.readBytes(size);
  return (offset) => {
    const end = offset < bytes.length ? bytes.indexOf(0, offset) : -1;
    if (end < 0)
      throw new FormatError(HDF5, 'a name lies outside of its heap; the file is damaged', at);
    if (end - offset > MAX_NAME_BYTES)
      throw new LimitError('name in an HDF5 file', MAX_NAME_BYTES, end - offset);
    return decodeText(bytes.subarray(offset, end));
  };
}
