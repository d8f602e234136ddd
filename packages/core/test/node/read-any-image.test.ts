import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compositeOnWhite } from '../../src/image/prepare-input.ts';
import { readAnyImage, type ImageSource } from '../../src/node/read-any-image.ts';
import { createRandom } from '../helper/random.ts';

const [width, height] = [9, 7];
const random = createRandom(23);
/** Noise with alpha: the pixels themselves are what every source has to give, laid over white. */
const rgba = Uint8Array.from({ length: width * height * 4 }, () => random() * 256);

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-sources-'));
const file = path.join(folder, 'noise.png');
let bytes: Buffer;
let origin: string;
const server = createServer((request, response) => {
  if (request.url?.startsWith('/noise.png') === true) response.end(bytes);
  else response.writeHead(404).end();
});

beforeAll(async () => {
  bytes = await sharp(rgba, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
  writeFileSync(file, bytes);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

/** Alpha over white, in whole numbers: (c a + 255 (255 - a)) / 255, rounded. */
function onWhite(): number[] {
  const pixels: number[] = [];
  for (let i = 0; i < rgba.length; i += 4) {
    const alpha = rgba[i + 3]!;
    for (let k = 0; k < 3; k++) {
      pixels.push(Math.round((rgba[i + k]! * alpha + 255 * (255 - alpha)) / 255));
    }
  }
  return pixels;
}

const sources: Readonly<Record<string, () => ImageSource>> = {
  'a path': () => file,
  'a file: URL': () => pathToFileURL(file),
  'a file: URL as text': () => pathToFileURL(file).href,
  'an http: URL': () => `${origin}/noise.png?key=secret`,
  'a URL object': () => new URL(`${origin}/noise.png`),
  'a data: URL': () => `data:image/png;base64,${bytes.toString('base64')}`,
  'a Buffer': () => readFileSync(file),
  'a Uint8Array within a larger buffer': () =>
    new Uint8Array(Buffer.concat([Buffer.alloc(5), bytes])).subarray(5),
  'an ArrayBuffer': () => Uint8Array.from(bytes).buffer,
  'a Blob': () => new Blob([Uint8Array.from(bytes)]),
  'pixels as ImageData has them': () => ({ width, height, data: new Uint8ClampedArray(rgba) }),
  'pixels with channels': () => ({ width, height, channels: 4, data: rgba }),
  'pixels of three bytes': () => ({ width, height, data: Uint8Array.from(onWhite()) }),
};

describe('readAnyImage in Node', () => {
  test.each(Object.entries(sources))('%s: the same pixels', async (_, make) => {
    const image = compositeOnWhite(await readAnyImage(make()));
    expect([image.width, image.height]).toEqual([width, height]);
    expect([...image.data]).toEqual(onWhite());
  });

  test.each<[string, () => unknown, string, RegExp]>([
    ['a number', () => 3, 'argument', /image: expected a path, a URL, .* got .*3/],
    ['nothing', () => undefined, 'argument', /image: expected a path/],
    [
      'too few pixels',
      () => ({ width, height, data: new Uint8Array(8) }),
      'argument',
      /9x7 pixels need 3 or 4 bytes each, got 8 bytes/,
    ],
    [
      'floats',
      () => ({ width, height, data: new Float32Array(rgba.length) }),
      'argument',
      /expected pixels of 8 bits .* got Float32Array/,
    ],
    ['a missing file', () => path.join(folder, 'no.png'), 'image', /no\.png/],
    [
      'a page that is not there',
      () => `${origin}/no.png?key=s`,
      'image',
      /\/no\.png answered 404$/,
    ],
    ['another protocol', () => new URL('ftp://host/a.png'), 'argument', /got ftp:/],
    ['text as bytes', () => Buffer.from('not a picture'), 'image', /known kind/],
  ])('refuses %s in one line', async (_, make, kind, message) => {
    const error: unknown = await readAnyImage(make() as ImageSource).catch((one: unknown) => one);
    expect(error).toMatchObject({ kind });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toMatch(/\n|secret/);
  });
});
