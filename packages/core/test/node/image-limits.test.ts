import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { crc32, deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS, MAX_IMAGE_SIDE } from '../../src/image/image-limits.ts';
import { decodeImage, encodeMaskPng, encodePng, readImage } from '../../src/node/image-files.ts';
import { hashImageFile } from '../../src/node/regular-file.ts';

/** A GIF of one colour, in 43 bytes, whatever it declares. */
function gifOf(width: number, height: number): Uint8Array {
  const size = (at: DataView, offset: number): void => {
    at.setUint16(offset, width, true);
    at.setUint16(offset + 2, height, true);
  };
  const bytes = Uint8Array.of(
    ...Buffer.from('GIF89a'),
    ...[0, 0, 0, 0, 0x80, 0, 0],
    ...[0, 0, 0, 255, 255, 255],
    ...[0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[2, 2, 0x44, 0x01, 0, 0x3b],
  );
  const view = new DataView(bytes.buffer);
  size(view, 6);
  size(view, 24);
  return bytes;
}

/** A header and hardly any data: what counts is what is declared. */
function pngOf(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array): Buffer => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length);
    bytes.write(type, 4, 'latin1');
    bytes.set(data, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc(64))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const side = Math.sqrt(MAX_IMAGE_PIXELS);

describe('a declared size above the limit is refused before anything is decoded', () => {
  test.each([
    ['GIF', gifOf(16000, 16000), '16000 x 16000 are 256.0 megapixels'],
    ['PNG', pngOf(16384, 16384), '16384 x 16384 are 268.4 megapixels'],
    ['just above', pngOf(Math.floor(side), Math.ceil(side) + 1), '134.2 megapixels'],
  ])('%s', async (_, bytes, what) => {
    await expect(decodeImage(bytes, 'bomb')).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringMatching(`^bomb: .*${what}, more than the limit of 134.2; make`),
    });
  });

  test('a side above its limit too, however thin the picture', async () => {
    await expect(decodeImage(pngOf(1, MAX_IMAGE_SIDE + 1), 'thread')).rejects.toMatchObject({
      kind: 'image',
      message: `thread: 1 x 65536 has a side above the limit of 65535 pixels; cut it into parts first`,
    });
  });

  test('and so is what is to be encoded: one limit for both', async () => {
    const size = { width: 16384, height: 16384, data: new Uint8Array(0) };
    const error = { kind: 'image', message: expect.stringContaining('the limit of 134.2') };
    await expect(encodePng({ ...size, channels: 3 })).rejects.toMatchObject(error);
    await expect(encodeMaskPng(size)).rejects.toMatchObject(error);
  });
});

describe('SVG is refused by what it is', () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  test.each([
    ['plain', Buffer.from(svg), 'SVG'],
    [
      'after a comment that hides its root',
      Buffer.from(`<!--${'x'.repeat(5000)}-->${svg}`),
      'XML or SVG',
    ],
    ['compressed', gzipSync(svg), 'gzip file'],
  ])('%s', async (_, bytes, kind) => {
    await expect(decodeImage(bytes, 'photo.png')).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining(
        `photo.png: not an image that can be decoded (its kind is ${kind};`,
      ),
    });
  });
});

describe('files that are none', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'gradcam-kinds-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const place = (name: string): string => path.join(folder, name);

  test.skipIf(process.platform === 'win32').each([
    ['a FIFO', () => void execFileSync('mkfifo', [place('a FIFO.png')])],
    ['a device', () => symlinkSync('/dev/zero', place('a device.png'))],
    ['a folder', () => mkdirSync(place('a folder.png'))],
  ])('%s is an error at once', async (kind, make) => {
    make();
    const file = place(`${kind}.png`);
    const error = {
      kind: 'image',
      message: `${file}: cannot be read: expected a regular file, found ${kind}`,
    };
    await expect(readImage(file)).rejects.toMatchObject(error);
    await expect(hashImageFile(file)).rejects.toMatchObject(error);
  });

  test.skipIf(process.platform === 'win32')('a socket is an error at once', async () => {
    const file = place('socket.png');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(file, resolve));
    await expect(readImage(file)).rejects.toMatchObject({
      message: `${file}: cannot be read: expected a regular file, found a socket`,
    });
    await new Promise((resolve) => server.close(resolve));
  });

  test('one above the limit of bytes is not read, and neither is one of no known kind', async () => {
    const large = place('large.png');
    writeFileSync(
      large,
      await sharp({ create: { width: 1, height: 1, channels: 3, background: 'red' } })
        .png()
        .toBuffer(),
    );
    truncateSync(large, MAX_IMAGE_BYTES + 1);
    const before = process.memoryUsage().rss;
    await expect(readImage(large)).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining('a file of 257 MB, more than the limit of 256 for images'),
    });
    const zeros = place('zeros.png');
    writeFileSync(zeros, '');
    truncateSync(zeros, MAX_IMAGE_BYTES);
    await expect(readImage(zeros)).rejects.toMatchObject({
      kind: 'image',
      message: expect.stringContaining('its first bytes are of no known kind'),
    });
    // Half of what reading either would have taken.
    expect(process.memoryUsage().rss - before).toBeLessThan(MAX_IMAGE_BYTES / 2);
  });
});
