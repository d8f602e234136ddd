import { parseResults, type ResultLine } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import npyjs from 'npyjs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { hasSharedData, makeTemporaryFolder, runCommand, sharedData } from './run-command.ts';

const model = 'mobilenet_v1_0.25_224';
const photo = path.join(sharedData, 'images/cat_dog.png');

/** The net's card states the probability to three digits. */
const PROBABILITY_TOLERANCE = 0.01;

/** The photo that the original demo explains: a boxer above a tabby cat, 224 x 224. */
describe.skipIf(!hasSharedData(model))('explain with the real MobileNet', () => {
  const flags = [
    '--model',
    path.join(sharedData, model),
    '--labels',
    path.join(sharedData, 'imagenet_synset_labels.txt'),
  ];

  test('finds the boxer and the cat where they are', async () => {
    const out = makeTemporaryFolder();
    const targets = ['--target', 'boxer', '--target', 'tiger cat'];
    const { code, stderr } = await runCommand([
      ...['explain', photo, ...flags, '--input-range=-1..1', ...targets, '--out', out],
    ]);
    expect(code, stderr).toBe(0);

    const { lines } = parseResults(readFileSync(path.join(out, 'results.jsonl'), 'utf8'));
    const [line] = lines as ResultLine[];
    expect(line!.predictions[0]).toMatchObject({ index: 242, label: 'boxer' });
    expect(Math.abs(line!.predictions[0]!.probability! - 0.346)).toBeLessThan(
      PROBABILITY_TOLERANCE,
    );

    // Row 0, column 2 and row 4, column 3 of the 7 x 7 grid, as the CAM of the net's linear head has
    // it: centres in pixels, each cell 32 wide.
    const [boxer, cat] = line!.explanations;
    expect(boxer).toMatchObject({ layer: 'conv_pw_13_relu', grid: [7, 7], peak: { x: 80, y: 16 } });
    expect(cat).toMatchObject({ target: { index: 282 }, peak: { x: 112, y: 144 } });

    // The stored raw map is the one whose peak the line states.
    const bytes = readFileSync(path.join(out, cat!.files['raw']!));
    const raw = new npyjs().parse(new Uint8Array(bytes).buffer);
    const data = raw.data as Float32Array;
    expect(raw.shape).toEqual([7, 7]);
    expect(data.indexOf(Math.max(...data))).toBe(4 * 7 + 3);

    // In the overlay of the cat the warm colours are on the cat, below the dog's head.
    const { data: pixels, info } = await sharp(path.join(out, cat!.files['heatmap']!))
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([224, 224]);
    const redness = (x: number, y: number): number => {
      const at = (y * info.width + x) * info.channels;
      return pixels[at]! - pixels[at + 2]!;
    };
    expect(redness(112, 144)).toBeGreaterThan(100);
    expect(redness(16, 16)).toBeLessThan(0);
  });

  test('says what it assumes about a model that says nothing', async () => {
    const out = makeTemporaryFolder();
    const { code, stderr } = await runCommand(['explain', photo, ...flags, '--out', out]);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'assumed: pixels are scaled to -1..1, as keras.applications prepares pictures for MobileNet,',
    );
    expect(stderr).toContain('assumed: channels are RGB');
    const run = JSON.parse(readFileSync(path.join(out, 'run.json'), 'utf8')) as {
      assumptions: string[];
    };
    expect(run.assumptions).toHaveLength(3);
  });
});
