// @ts-check
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { concat, encodeUint, latin1, toLatin1 } from '../bytes.mjs';
import { crc32 } from '../checksums.mjs';

/** The signatures of a zip's records. Spec: PKWARE APPNOTE.TXT 4.3. */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const MAX_MEMBER_BYTES = 2 ** 22;
const STORED = 0;
const DEFLATED = 8;

/** Sizes in bytes of the fields after each signature. */
const FIELDS = {
  [LOCAL]: [2, 2, 2, 2, 2, 4, 4, 4, 2, 2],
  [CENTRAL]: [2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4],
  [END]: [2, 2, 2, 2, 4, 4, 2],
  0x06064b50: [8, 2, 2, 4, 4, 8, 8, 8, 8],
  0x07064b50: [4, 8, 4],
};

/**
 * The members as parts; `extra` is the compression method.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
export const zipMembers = {
  unpack(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const parts = [];
    for (const { at, kind } of findRecords(bytes)) {
      if (kind !== CENTRAL) continue;
      const method = view.getUint16(at + 10, true);
      const size = view.getUint32(at + 20, true);
      const header = view.getUint32(at + 42, true);
      const start =
        header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
      const data = bytes.slice(start, start + size);
      const name = toLatin1(bytes.subarray(at + 46, at + 46 + view.getUint16(at + 28, true)));
      const content =
        method === DEFLATED ? inflateRawSync(data, { maxOutputLength: MAX_MEMBER_BYTES }) : data;
      parts.push({ name, bytes: new Uint8Array(content), extra: method });
    }
    return parts;
  },
  pack: (parts, random) =>
    buildZip(
      parts.map((part) =>
        random.chance(0.1) ? { ...part, extra: random.pick([STORED, DEFLATED]) } : part,
      ),
      random.chance(0.1),
    ),
};

/**
 * @param {readonly import('../mutate/container.mjs').Part[]} members
 * @param {boolean} streamed writes sizes and checksum after the data, as programs that write to a pipe do
 */
export function buildZip(members, streamed = false) {
  const locals = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes, extra } of members) {
    const data = extra === DEFLATED ? deflateRawSync(bytes, { level: 1 }) : bytes;
    const title = latin1(name);
    const sums = [u(crc32(bytes), 4), u(data.length, 4), u(bytes.length, 4)];
    const fixed = [
      u(20, 2),
      u(streamed ? 8 : 0, 2),
      u(Number(extra ?? STORED), 2),
      u(0, 2),
      u(0, 2),
    ];
    const stated = streamed ? [u(0, 4), u(0, 4), u(0, 4)] : sums;
    const local = concat(
      u(LOCAL, 4),
      ...fixed,
      ...stated,
      u(title.length, 2),
      u(0, 2),
      title,
      data,
    );
    const after = streamed ? concat(u(0x08074b50, 4), ...sums) : new Uint8Array(0);
    locals.push(local, after);
    directory.push(
      concat(
        u(CENTRAL, 4),
        u(20, 2),
        ...fixed,
        ...sums,
        u(title.length, 2),
        u(0, 2),
        u(0, 2),
        u(0, 2),
        u(0, 2),
        u(0, 4),
        u(offset, 4),
        title,
      ),
    );
    offset += local.length + after.length;
  }
  const list = concat(...directory);
  const count = u(members.length, 2);
  return concat(
    ...locals,
    list,
    u(END, 4),
    u(0, 2),
    u(0, 2),
    count,
    count,
    u(list.length, 4),
    u(offset, 4),
    u(0, 2),
  );
}

/**
 * The layout of a zip: every number of every record.
 *
 * @param {Uint8Array} bytes
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectZip(bytes) {
  /** @type {import('../mutate/fields.mjs').Layout} */
  const layout = { fields: [], sections: [] };
  const records = findRecords(bytes);
  for (const [i, { at, kind }] of records.entries()) {
    let place = at + 4;
    for (const size of FIELDS[/** @type {keyof typeof FIELDS} */ (kind)]) {
      layout.fields.push({ at: place, size, kind: 'little' });
      place += size;
    }
    layout.sections.push({ at, size: (records[i + 1]?.at ?? bytes.length) - at });
  }
  return layout;
}

/** @param {Uint8Array} bytes */
function findRecords(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records = [];
  for (
    let at = bytes.indexOf(0x50);
    at >= 0 && at + 4 <= bytes.length;
    at = bytes.indexOf(0x50, at + 1)
  ) {
    const kind = view.getUint32(at, true);
    if (kind in FIELDS) records.push({ at, kind });
  }
  return records;
}

/**
 * @param {number} value
 * @param {number} size
 */
function u(value, size) {
  return encodeUint(value, size, true);
}
