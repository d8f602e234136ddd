// @ts-check
import { readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';

/** Bytes of an element, for the dtypes that the command writes. */
const NPY_DTYPES = new Map([['<f4', 4]]);

/** @type {Readonly<Record<string, (bytes: Buffer) => unknown>>} */
const readers = {
  '.png': decodePicture,
  '.webp': decodePicture,
  '.npy': readNpy,
  '.json': (bytes) => JSON.parse(bytes.toString('utf8')),
  '.html': readHtml,
};

/**
 * Reads files completely, in the format that the end of the name states.
 *
 * @param {string} folder
 * @param {Iterable<string>} names
 * @returns {Promise<string[]>} those that do not open
 */
export async function openAll(folder, names) {
  const problems = [];
  for (const name of names) {
    const read = readers[path.extname(name)];
    if (read === undefined) continue;
    try {
      await read(readFileSync(path.join(folder, name)));
    } catch (error) {
      problems.push(`half-written: ${name} (${/** @type {Error} */ (error).message})`);
    }
  }
  return problems;
}

/** @param {Buffer} bytes */
function decodePicture(bytes) {
  return sharp(bytes, { failOn: 'truncated' }).raw().toBuffer();
}

/**
 * Reads the layout of NumPy's format 1.0: the magic bytes, two bytes of version and two of the header's
 * length.
 *
 * @param {Buffer} bytes
 */
function readNpy(bytes) {
  if (bytes.subarray(0, 6).toString('latin1') !== '\x93NUMPY') throw new Error('no magic');
  const start = 10 + bytes.readUInt16LE(8);
  const header = bytes.subarray(10, start).toString('latin1');
  const descr = /'descr': *'([^']+)'/.exec(header)?.[1] ?? '';
  const shape = /'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? '';
  const sides = shape.split(',').filter((side) => side.trim() !== '');
  const values = sides.reduce((product, side) => product * Number(side), 1);
  const expected = start + values * (NPY_DTYPES.get(descr) ?? Number.NaN);
  if (bytes.length !== expected) throw new Error(`${bytes.length} bytes instead of ${expected}`);
}

/** @param {Buffer} bytes */
function readHtml(bytes) {
  if (!bytes.toString('utf8').trimEnd().endsWith('</html>')) throw new Error('ends too early');
}
