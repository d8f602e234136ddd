import { FormatError } from '../../errors.ts';
import { sliceSource, type RandomAccessSource } from '../../bytes/source.ts';

const FORMAT = 'tar';
const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const SIZE_OFFSET = 124;
const SIZE_BYTES = 12;
/** PyTorch writes four members, and a tar may have a header of its own before each. */
const MAX_MEMBERS = 64;

/**
 * Finds the members of a tar that is not compressed, as ranges of the file.
 *
 * @throws FormatError for sizes beyond the end of the file
 */
export async function findTarMembers(
  source: RandomAccessSource,
): Promise<Map<string, RandomAccessSource>> {
  const members = new Map<string, RandomAccessSource>();
  let offset = 0;
  for (let count = 0; offset + BLOCK_BYTES <= source.byteLength; count++) {
    const header = await source.read(offset, BLOCK_BYTES);
    if (header[0] === 0) break;
    if (count === MAX_MEMBERS) throw new FormatError(FORMAT, `more than ${MAX_MEMBERS} members`);
    const name = readText(header.subarray(0, NAME_BYTES));
    const size = readText(header.subarray(SIZE_OFFSET, SIZE_OFFSET + SIZE_BYTES)).trim();
    if (!/^[0-7]{1,12}$/.test(size)) throw new FormatError(FORMAT, 'bad size of a member', offset);
    const byteLength = Number.parseInt(size, 8);
    const start = offset + BLOCK_BYTES;
    members.set(name, sliceSource(source, start, byteLength));
    offset = start + Math.ceil(byteLength / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return members;
}

function readText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? bytes : bytes.subarray(0, end)));
}
