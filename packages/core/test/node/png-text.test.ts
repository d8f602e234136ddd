import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeImage, encodeMaskPng, encodePng } from '../../src/node/image-files.ts';
import { addPngText } from '../../src/node/png-text.ts';

const image = {
  width: 2,
  height: 1,
  channels: 3,
  data: Uint8Array.of(1, 2, 3, 250, 128, 0),
} as const;

const texts = { Software: 'gradcam', Target: 'Müller', Layer: 'блок', Score: '1.5' };

/** With Pillow, where the oracles' Python is. */
const python =
  process.env['GRADCAM_PYTHON'] ?? path.join(homedir(), '.cache/tensorflow-venv/bin/python');

describe('texts in a PNG', () => {
  test('are chunks as the specification has them', async () => {
    const bytes = Buffer.from(addPngText(await encodePng(image), { Score: '1.5' }));
    // After the signature and IHDR: length 9, type, keyword, 0, text. The sum is Python's
    // zlib.crc32(b'tEXtScore\\x001.5').
    const chunk = bytes.subarray(33, 33 + 21);
    expect(chunk.readUInt32BE(0)).toBe(9);
    expect(chunk.subarray(4, 17).toString('latin1')).toBe('tEXtScore\0' + '1.5');
    expect(chunk.readUInt32BE(17)).toBe(3880155467);
  });

  test('are read by sharp, and the pixels are the same', async () => {
    const bytes = await encodePng(image, texts);
    const { comments } = await sharp(bytes).metadata();
    expect(Object.fromEntries(comments!.map(({ keyword, text }) => [keyword, text]))).toEqual(
      texts,
    );
    expect([...(await decodeImage(bytes)).data]).toEqual([...image.data]);
  });

  test.skipIf(!hasPillow())('are read by Pillow', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-png-'));
    try {
      const file = path.join(folder, 'a.png');
      writeFileSync(file, await encodePng(image, texts));
      const code =
        'import json, sys; from PIL import Image; im = Image.open(sys.argv[1]); im.load(); print(json.dumps(im.text))';
      const found = execFileSync(python, ['-c', code, file], { encoding: 'utf8' });
      expect(JSON.parse(found)).toEqual(texts);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('have keywords that PNG allows', async () => {
    const png = await encodePng(image);
    for (const keyword of ['', ' a', 'a ', 'a\nb', 'x'.repeat(80), 'слой']) {
      expect(() => addPngText(png, { [keyword]: '' }), keyword).toThrow(RangeError);
    }
  });
});

test('a mask is a grey PNG of 0 and 255', async () => {
  const bytes = Buffer.from(
    await encodeMaskPng({ width: 3, height: 1, data: Uint8Array.of(0, 1, 1) }),
  );
  // IHDR: depth 8, colour type 0, grey. IDAT: a filter byte and the row.
  expect([...bytes.subarray(24, 26)]).toEqual([8, 0]);
  const start = bytes.indexOf('IDAT') + 4;
  const row = inflateSync(bytes.subarray(start, start + bytes.readUInt32BE(start - 8)));
  const { data } = await decodeImage(bytes);
  expect(row).toHaveLength(4);
  expect([...data]).toEqual([0, 0, 0, 255, 255, 255, 255, 255, 255]);
});

function hasPillow(): boolean {
  const found = existsSync(python);
  if (!found) console.warn(`skipped: no Python with Pillow at $GRADCAM_PYTHON`);
  return found;
}
