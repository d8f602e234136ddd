import { concat } from './build-table.ts';

/** A `.npy` with the given header text and data. */
export function buildNpy(header: string, data: Uint8Array, version = 1): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(version === 1 ? 2 : 4);
  const view = new DataView(length.buffer);
  if (version === 1) view.setUint16(0, text.length, true);
  else view.setUint32(0, text.length, true);
  const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0);
  return concat(magic, length, text, data);
}

/** A `.npy` of a pickled object. */
export function buildPickledNpy(pickle: Uint8Array): Uint8Array<ArrayBuffer> {
  return buildNpy("{'descr': '|O', 'fortran_order': False, 'shape': (), }\n", pickle);
}

/** Pickle opcodes: texts as latin1, numbers as bytes. */
export function buildPickle(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  return concat(
    ...parts.map((part) => {
      if (typeof part === 'number') return Uint8Array.of(part);
      if (typeof part !== 'string') return part;
      return Uint8Array.from(part, (character) => character.charCodeAt(0));
    }),
  );
}
