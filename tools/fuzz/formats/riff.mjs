// @ts-check
import { concat, decodeUint, encodeUint, latin1, toLatin1 } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';

const HEAD = 12;

/**
 * The chunks of a WebP as parts. Packing writes correct lengths.
 * Spec: https://developers.google.com/speed/webp/docs/riff_container
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const chunks = {
  unpack(bytes) {
    const parts = [];
    for (let at = HEAD; at + 8 <= bytes.length;) {
      const size = Number(decodeUint(bytes, at + 4, 4, true));
      parts.push({
        name: toLatin1(bytes.subarray(at, at + 4)),
        bytes: bytes.slice(at + 8, at + 8 + size),
      });
      at += 8 + size + (size % 2);
    }
    return parts;
  },
  pack(parts) {
    const body = concat(
      ...parts.map(({ name, bytes }) =>
        concat(
          latin1(name.padEnd(4).slice(0, 4)),
          encodeUint(bytes.length, 4, true),
          bytes,
          new Uint8Array(bytes.length % 2),
        ),
      ),
    );
    return concat(latin1('RIFF'), encodeUint(body.length + 4, 4, true), latin1('WEBP'), body);
  },
};

/** @param {readonly (readonly [at: number, size: number])[]} places */
const numbers = (places) =>
  fieldMutation(() => ({
    fields: places.map(([at, size]) => ({ at, size, kind: 'little' })),
    sections: [],
  }));

/**
 * Where each kind of chunk keeps its numbers. @type {Readonly<Record<string,
 * import('../mutate/bytes.mjs').Mutation>>}
 */
const fieldsOf = {
  VP8X: numbers([
    [0, 1],
    [4, 3],
    [7, 3],
  ]),
  'VP8 ': numbers([
    [0, 3],
    [6, 2],
    [8, 2],
  ]),
  VP8L: numbers([
    [0, 1],
    [1, 4],
  ]),
  ANIM: numbers([
    [0, 4],
    [4, 2],
  ]),
  ANMF: numbers([
    [0, 3],
    [3, 3],
    [6, 3],
    [9, 3],
    [12, 3],
    [15, 1],
  ]),
};

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const webpMutations = [
  containerMutation(chunks, ({ name }) =>
    fieldsOf[name] === undefined ? [mutateBytes] : [fieldsOf[name], mutateBytes],
  ),
  mutateBytes,
];
