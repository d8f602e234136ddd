// @ts-check
import { concat, encodeUint } from '../bytes.mjs';
import { mutateBytes } from '../mutate/bytes.mjs';
import { containerMutation } from '../mutate/container.mjs';
import { fieldMutation } from '../mutate/fields.mjs';
import { tiffFields } from './tiff.mjs';

const EXIF_AT = 6;

/**
 * The segments as parts, named by their markers. The last part also contains everything after the start of a
 * scan. Spec: ITU-T T.81, annex B.
 *
 * @type {import('../mutate/container.mjs').Container}
 */
const segments = {
  unpack(bytes) {
    const parts = [];
    for (let at = 2; at + 4 <= bytes.length;) {
      if (bytes[at] !== 0xff) throw new RangeError('marker');
      const marker = bytes[at + 1];
      const size = bytes[at + 2] * 256 + bytes[at + 3];
      const end = marker === 0xda ? bytes.length : at + 2 + size;
      parts.push({ name: marker.toString(16), bytes: bytes.slice(at + 4, end), extra: size });
      at = end;
    }
    return parts;
  },
  pack: (parts) =>
    concat(
      Uint8Array.of(0xff, 0xd8),
      ...parts.map(({ name, bytes, extra }) => {
        const size = name === 'da' ? Number(extra) : Math.min(0xffff, bytes.length + 2);
        return concat(
          Uint8Array.of(0xff, parseInt(name, 16) || 0xfe),
          encodeUint(size, 2, false),
          bytes,
        );
      }),
    ),
};

/** The fields of a frame: depth, height, width, and the components with their sampling. */
const frameFields = fieldMutation((bytes) => ({
  fields: [
    { at: 0, size: 1, kind: 'big', choices: [8, 12, 16] },
    { at: 1, size: 2, kind: 'big' },
    { at: 3, size: 2, kind: 'big' },
    ...Array.from({ length: Math.max(0, bytes.length - 5) }, (_, i) => ({
      at: 5 + i,
      size: 1,
      kind: /** @type {const} */ ('big'),
    })),
  ],
  sections: [],
}));
const exifFields = fieldMutation((bytes) => tiffFields(bytes, EXIF_AT));

/** @type {readonly import('../mutate/bytes.mjs').Mutation[]} */
export const jpegMutations = [
  containerMutation(segments, ({ name }) => {
    if (/^c[0-35-7]$/.test(name)) return [frameFields, mutateBytes];
    return name === 'e1' ? [exifFields, mutateBytes] : [mutateBytes];
  }),
  mutateBytes,
];
