import { isFailure, type ResultLine } from '@gradcam/core';
import path from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand } from '../run-command.ts';
import { writeRednessNet } from './redness-net.ts';
import { readLines } from './demo-run.ts';

/** A red rectangle on black, at a place that no turn or mirror maps near itself. */
const [width, height] = [300, 200];
const object = { x: 180, y: 40, width: 50, height: 40 };

/** Where a pixel of the picture as it is shown is stored, for each tag 0x0112 of EXIF 2.3. */
const storedAt: Readonly<Record<string, (x: number, y: number) => [x: number, y: number]>> = {
  1: (x, y) => [x, y],
  2: (x, y) => [width - 1 - x, y],
  3: (x, y) => [width - 1 - x, height - 1 - y],
  4: (x, y) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y) => [y, width - 1 - x],
  7: (x, y) => [height - 1 - y, width - 1 - x],
  8: (x, y) => [height - 1 - y, x],
};

async function writeOrientations(folder: string): Promise<void> {
  for (const [orientation, place] of Object.entries(storedAt)) {
    const isTurned = Number(orientation) > 4;
    const stored = isTurned ? { width: height, height: width } : { width, height };
    const data = new Uint8Array(width * height * 3);
    for (let y = object.y; y < object.y + object.height; y++) {
      for (let x = object.x; x < object.x + object.width; x++) {
        const [column, row] = place(x, y);
        data[(row * stored.width + column) * 3] = 255;
      }
    }
    await sharp(data, { raw: { ...stored, channels: 3 } })
      .withMetadata({ orientation: Number(orientation) })
      // PNG keeps the tag and every pixel.
      .png()
      .toFile(path.join(folder, `${orientation}.png`));
  }
}

/**
 * By hand: the model sees 64 x 64 in cells of 8 x 8, so a cell is an eighth of the view. The peak is the
 * centre of the cell with the most of the rectangle in it: for `crop` columns of 25 pixels from 50 on,
 * 200..225 is full, and rows of 25, 50..75; for `squash` columns of 37.5, 187.5..225; for `letterbox`
 * rows of 37.5 from -50 on, where 25..62.5 has 22.5 pixels of it and the next 17.5.
 */
const cases = {
  crop: { view: { x: 50, y: 0, width: 200, height: 200 }, peak: { x: 212.5, y: 62.5 } },
  squash: { view: { x: 0, y: 0, width: 300, height: 200 }, peak: { x: 206.25, y: 62.5 } },
  letterbox: { view: { x: 0, y: -50, width: 300, height: 300 }, peak: { x: 206.25, y: 43.75 } },
} as const;

describe.each(Object.entries(cases))('--fit %s', (fit, { view, peak }) => {
  test('peak and box of all eight EXIF orientations are in the upright picture', async () => {
    const folder = makeTemporaryFolder();
    await writeOrientations(folder);
    writeRednessNet(path.join(folder, 'net'));
    const out = path.join(folder, 'run');
    const { code, stderr } = await runCommand([
      ...['explain', folder, '--model', path.join(folder, 'net'), '--out', out, '--fit', fit],
      ...['--target', '1', '--layer', 'cells', '--input-range', '0..1', '--save', 'raw'],
    ]);
    expect(code, stderr).toBe(0);
    const lines = readLines(out).map((line): ResultLine => {
      if (isFailure(line)) throw new Error(line.error);
      return line;
    });
    expect(lines).toHaveLength(8);
    const cell = { width: view.width / 8, height: view.height / 8 };
    for (const line of lines) {
      expect(line, line.image).toMatchObject({ width, height, view });
      expect(line.explanations[0]!.peak, line.image).toEqual(peak);
      const box = line.explanations[0]!.box!;
      // Around the rectangle, and no more than a cell wider: the next cells are black.
      expect(box.x).toBeLessThanOrEqual(object.x);
      expect(box.x).toBeGreaterThanOrEqual(object.x - cell.width);
      expect(box.x + box.width).toBeGreaterThanOrEqual(object.x + object.width);
      expect(box.x + box.width).toBeLessThanOrEqual(object.x + object.width + cell.width);
      expect(box.y).toBeLessThanOrEqual(object.y);
      expect(box.y).toBeGreaterThanOrEqual(object.y - cell.height);
      expect(box.y + box.height).toBeGreaterThanOrEqual(object.y + object.height);
      expect(box.y + box.height).toBeLessThanOrEqual(object.y + object.height + cell.height);
    }
  });
});
