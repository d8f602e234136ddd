// @ts-check
import { gunzipSync, gzipSync } from 'node:zlib';
import { concat, latin1, replaceRange, toLatin1 } from '../bytes.mjs';

/** Spec: POSIX ustar, pax. */
const BLOCK = 512;
const CHECKSUM_AT = 148;
/** The fields of a header as [offset, bytes]. */
const HEADER = [
  [0, 100],
  [100, 8],
  [108, 8],
  [116, 8],
  [124, 12],
  [136, 12],
  [148, 8],
  [156, 1],
  [157, 100],
  [257, 6],
  [263, 2],
  [265, 32],
  [297, 32],
  [329, 8],
  [337, 8],
  [345, 155],
];

/**
 * The members as parts; `extra` is the member's type flag.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
export const tarMembers = {
  unpack: (bytes) =>
    listHeaders(bytes).map(({ at, size }) => ({
      name: toLatin1(bytes.subarray(at, at + 100)).replace(/\0.*$/s, ''),
      bytes: bytes.slice(at + BLOCK, at + BLOCK + size),
      extra: String.fromCharCode(bytes[at + 156]),
    })),
  pack: (parts, random) =>
    buildTar(
      parts.map((part) =>
        random.chance(0.1) ? { ...part, extra: random.pick([...'0123457xgLK\0S']) } : part,
      ),
    ),
};

/** @param {readonly import('../mutate/container.mjs').Part[]} members */
export function buildTar(members) {
  const parts = members.flatMap(({ name, bytes, extra }) => {
    const header = new Uint8Array(BLOCK);
    header.set(latin1(name).subarray(0, 100));
    header.set(latin1('0000644\0' + '0000000\0'.repeat(2)), 100);
    header.set(latin1(`${bytes.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`), 124);
    header[156] = String(extra ?? '0').charCodeAt(0);
    header.set(latin1('ustar\x0000'), 257);
    const padding = new Uint8Array((BLOCK - (bytes.length % BLOCK)) % BLOCK);
    return [sealHeader(header), bytes, padding];
  });
  return concat(...parts, new Uint8Array(2 * BLOCK));
}

/** @param {Uint8Array} header */
function sealHeader(header) {
  const blank = replaceRange(header, CHECKSUM_AT, CHECKSUM_AT + 8, latin1(' '.repeat(8)));
  const sum = blank.reduce((total, byte) => total + byte, 0);
  return replaceRange(
    header,
    CHECKSUM_AT,
    CHECKSUM_AT + 8,
    latin1(`${sum.toString(8).padStart(6, '0')}\0 `),
  );
}

/** @param {Uint8Array} bytes */
function listHeaders(bytes) {
  const headers = [];
  for (let at = 0; at + BLOCK <= bytes.length;) {
    if (bytes[at] === 0 && bytes[at + 156] === 0) break;
    // A negative size would lead back, to the same header again.
    const size = Math.max(0, parseInt(toLatin1(bytes.subarray(at + 124, at + 136)), 8) || 0);
    headers.push({ at, size });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return headers;
}

/**
 * @param {Uint8Array} bytes
 * @returns {import('../mutate/fields.mjs').Layout}
 */
export function dissectTar(bytes) {
  const headers = listHeaders(bytes);
  return {
    fields: headers.flatMap(({ at }) =>
      HEADER.map(([offset, size]) => ({
        at: at + offset,
        size,
        kind: /** @type {const} */ ('fixed'),
      })),
    ),
    sections: headers.map(({ at, size }) => ({
      at,
      size: BLOCK + Math.ceil(size / BLOCK) * BLOCK,
    })),
  };
}

/**
 * Corrects the checksum of every header.
 *
 * @param {Uint8Array} bytes
 */
export function sealTar(bytes) {
  const sealed = new Uint8Array(bytes);
  for (const { at } of listHeaders(bytes)) sealed.set(sealHeader(sealed.slice(at, at + BLOCK)), at);
  return sealed;
}

/**
 * The content of a gzip file as its only part.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
export const gzipContent = {
  unpack: (bytes) => [
    { name: '', bytes: new Uint8Array(gunzipSync(bytes, { maxOutputLength: 2 ** 22 })) },
  ],
  pack: (parts, random) =>
    concat(
      ...parts.map(
        ({ bytes }) => new Uint8Array(gzipSync(bytes, { level: random.pick([1, 1, 0]) })),
      ),
    ),
};
