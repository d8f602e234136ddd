// @ts-check
import { latin1, toLatin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';
import { mutateMessage } from './protobuf.mjs';
import { snappyMutations } from './snappy.mjs';
import {
  buildTable,
  dissectTable,
  readBlock,
  readStored,
  readTable,
  sealTable,
  tableEntries,
} from './table.mjs';

/**
 * Mutates the contents of blocks before they are compressed: the numbers in their entries, and the restarts.
 */
const mutateContents = fieldMutation((contents) => readBlock(contents).layout);

/**
 * The blocks as parts, in the form in which they are stored.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const storedBlocks = {
  unpack: (bytes) =>
    readTable(bytes).blocks.map(({ stored, type, lastKey }) => ({
      name: toLatin1(lastKey),
      bytes: stored,
      extra: type,
    })),
  pack: (parts) =>
    buildTable(
      parts.map(({ name, bytes, extra }) => ({
        stored: bytes,
        type: Number(extra),
        lastKey: latin1(name),
      })),
    ),
};

/**
 * The blocks as parts, decompressed. They are packed without compression.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const plainBlocks = {
  unpack: (bytes) =>
    readTable(bytes).blocks.map((block) => ({
      name: toLatin1(block.lastKey),
      bytes: readStored(block),
      extra: 0,
    })),
  pack: storedBlocks.pack,
};

/**
 * Mutations of a table of messages on every level: entries, contents of blocks, Snappy streams and the index.
 *
 * @type {readonly import('../mutate/bytes.mjs').Mutation[]}
 */
export const tableMutations = [
  containerMutation(tableEntries, () => [mutateMessage]),
  containerMutation(tableEntries, () => [mutateMessage]),
  containerMutation(tableEntries, () => [mutateMessage, mutateBytes]),
  containerMutation(plainBlocks, () => [mutateContents, mutateBytes]),
  containerMutation(storedBlocks, (part) =>
    part.extra === 1 ? snappyMutations : [mutateContents],
  ),
  fieldMutation(dissectTable, sealTable),
  mutateBytes,
];
