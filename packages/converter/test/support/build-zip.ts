import { deflateRawSync } from 'node:zlib';
import { CRC32 } from '../../src/formats/zip/open-member.ts';
import { concat } from './build-table.ts';

/** How {@link buildZip} writes. */
export interface ZipOptions {
  readonly deflate?: boolean;
  /** Members that all stand for the bytes of the first one, as a bomb has them. */
  readonly overlapping?: boolean;
}

/** A zip of the given members, as `np.savez` or `np.savez_compressed` writes it. */
export function buildZip(
  members: readonly (readonly [name: string, content: Uint8Array])[],
  { deflate = false, overlapping = false }: ZipOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, content] of members) {
    const text = new TextEncoder().encode(name);
    const packed = deflate ? new Uint8Array(deflateRawSync(content)) : content;
    const facts = [
      ...[20, 0, deflate ? 8 : 0, 0, 0].map(two),
      ...[CRC32.update(0, content), packed.length, content.length].map(four),
      two(text.length),
      two(0),
    ];
    const place = overlapping ? 0 : offset;
    const rest = [two(0), two(0), two(0), four(0), four(place)];
    directory.push(concat(four(0x02014b50), two(20), ...facts, ...rest, text));
    if (overlapping && parts.length > 0) continue;
    parts.push(concat(four(0x04034b50), ...facts, text, packed));
    offset += parts.at(-1)!.length;
  }
  const list = concat(...directory);
  const counts = [0, 0, members.length, members.length].map(two);
  return concat(
    ...parts,
    list,
    four(0x06054b50),
    ...counts,
    four(list.length),
    four(offset),
    two(0),
  );
}

function two(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

function four(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
