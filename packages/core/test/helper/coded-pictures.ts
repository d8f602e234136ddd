import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where `tools/oracles/write_coded_pictures.py` has written. */
export const codedFolder = fileURLToPath(new URL('../fixtures/pictures/coded', import.meta.url));

export interface CodedPicture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /**
   * How far a decoder may be from `rgb`: 0 for lossless forms of whole numbers; 1 for floats, whose halves are rounded
   * from 32 bits here and from 64 there; for lossy ones as the oracle's script argues beside its constants.
   */
  readonly steps: number;
  /** width * height * 3 numbers. */
  readonly rgb: readonly number[];
}

interface Expected {
  readonly cases: readonly (Omit<CodedPicture, 'rgb'> & { readonly rgb: string })[];
  readonly refused: readonly { readonly file: string; readonly says: string }[];
}

const expected = JSON.parse(
  readFileSync(path.join(codedFolder, 'expected.json'), 'utf8'),
) as Expected;

export const codedPictures: readonly CodedPicture[] = expected.cases.map((one) => ({
  ...one,
  rgb: [...Buffer.from(one.rgb, 'base64')],
}));

/** Pictures in forms that are not read, and how the reason begins. */
export const refusedPictures = expected.refused;
