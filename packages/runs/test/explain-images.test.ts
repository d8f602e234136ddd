import { explain, GradcamError, type Model, type RunFile } from '@gradcam/core';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createImageReader,
  createTally,
  describeSettings,
  explainImages,
  finishRun,
  openRun,
  readRun,
  type Explainer,
  type ExplainImagesRequest,
  type RunLock,
  type SaveSettings,
} from '@gradcam/runs';
import { makeTemporaryFolder } from './helper/temporary-folder.ts';
import { openTwoColoursModel, SIDE } from './helper/two-colours-model.ts';

let model: Model;
beforeAll(async () => void (model = await openTwoColoursModel()));
afterAll(() => model.dispose());

/** Two exact float32 operations lead to each number. */
const DIGITS = 6;

const save: SaveSettings = {
  ...{ save: ['overlay', 'raw', 'boxes'], colormap: 'turbo', alpha: 0.5, overlay: 'blend' },
  ...{ legend: false, box: 'peak', sheet: true, sweep: true, software: 'a service 2.0' },
  ...{ gradients: 'colour', figure: true },
};
const options = { methods: ['grad-cam'], targets: [1], layers: ['seen'] };
const settings = {
  ...{ explain: options, save, model: {}, inputs: { digests: {} }, window: undefined },
};

/** A picture of the model's size whose left half is red and whose right half is blue. */
async function writeRedAndBlue(file: string): Promise<string> {
  const pixels = Array.from({ length: SIDE * SIDE }, (_, i) =>
    i % SIDE < SIDE / 2 ? [255, 0, 0] : [0, 0, 255],
  );
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  await sharp(Uint8Array.from(pixels.flat()), { raw }).png().toFile(file);
  return file;
}

/** The model in this thread. */
const explainer: Explainer = {
  explain: (input, asked) => explain(model, input, asked),
  drop: () => {},
};

interface Started {
  readonly request: ExplainImagesRequest;
  readonly start: RunFile;
  readonly close: () => Promise<void>;
}

async function startRun(
  folder: string,
  images: readonly string[],
  resume: boolean,
  lock: RunLock = { assertHeld: async () => {}, release: async () => {} },
  note: (text: string) => void = () => {},
): Promise<Started> {
  const run = {
    model: { id: 'two-colours', path: 'memory', digest: '0'.repeat(64) },
    settings: describeSettings(settings, model, { truth: undefined }),
  };
  const tally = createTally();
  const asked = { acquireLock: async () => lock, resume, images, run, tally, note };
  const { directory, results, names, pending, close } = await openRun(folder, asked);
  const start: RunFile = {
    ...{ schema: 1, status: 'running', startedAt: new Date().toISOString(), engine: model.engine },
    ...{
      ...run,
      versions: { service: '2.0' },
      assumptions: [],
      files: { original: names.original },
    },
  };
  await directory.writeRun(start);
  const request: ExplainImagesRequest = {
    ...{ images: pending, model, results, directory, names, options, save, thread: explainer },
    ...{ read: createImageReader(undefined, model.input), truth: null, explainsTruth: false },
    ...{ signal: new AbortController().signal, onStart: () => {}, onRuns: () => {} },
    onLine: () => {},
  };
  return { request, start, close };
}

/**
 * The figure of the red and blue picture, by hand. Guided, red passes the ReLU where the picture is red
 * and blue, which speaks against the class, nowhere: 1/16 in the left half. Grad-CAM is positive there
 * too, so the product of both is as well. Neither has a negative value, so zero is black.
 */
async function expectFigure(file: string): Promise<void> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  const [side, gap, title] = [224, 9, 15];
  expect(info.width).toBe(4 * side + 5 * gap);
  const pixel = (panel: number, across: number): number[] => {
    const x = gap + panel * (side + gap) + Math.floor(across * side);
    const at = ((gap + title + side / 2) * info.width + x) * info.channels;
    return [...data.subarray(at, at + 3)];
  };
  const halves = [0, 2, 3].map((panel) => [pixel(panel, 0.2), pixel(panel, 0.8)]);
  const [red, blue, black] = [
    [255, 0, 0],
    [0, 0, 255],
    [0, 0, 0],
  ];
  expect(halves).toEqual([
    [red, blue],
    [red, black],
    [red, black],
  ]);
  // Half of turbo's last colour (122, 4, 3) and half of the picture.
  expect(pixel(1, 0.2)).toEqual([189, 2, 2]);
}

test('a program without the command explains images into a run folder and reads it', async () => {
  const folder = makeTemporaryFolder();
  const image = await writeRedAndBlue(path.join(folder, 'picture.png'));
  const torn = path.join(folder, 'torn.png');
  writeFileSync(torn, readFileSync(image).subarray(0, 40));
  const out = path.join(folder, 'run');
  const { request, close } = await startRun(out, [torn, image], false);
  await explainImages(request);
  await request.results.verify();
  const remarks: string[] = [];
  const note = (text: string): void => void remarks.push(text);
  await finishRun(request.directory, save, { note, warn: note });
  await close();

  const { lines } = await readRun(out);
  expect(lines).toMatchObject([
    { image: torn, error: expect.stringContaining('torn.png') },
    { image, width: SIDE, height: SIDE, explanations: [{ method: 'grad-cam', layer: 'seen' }] },
  ]);
  const line = lines[1]!;
  if (!('explanations' in line)) throw new Error('the line is a failure');
  // Half of the pixels are red and half are blue: red less blue is zero on average.
  expect(line.explanations[0]!.score).toBeCloseTo(0, DIGITS);
  const npy = readFileSync(path.join(out, line.explanations[0]!.files['raw']!));
  const map = new Float32Array(Uint8Array.from(npy.subarray(-4 * SIDE * SIDE)).buffer);
  for (const [i, value] of map.entries()) {
    expect(value).toBeCloseTo((i % SIDE < SIDE / 2 ? 1 : -1) / 16, DIGITS);
  }
  expect(line.sweeps).toMatchObject([{ method: 'grad-cam', layers: ['seen'] }]);
  await expectFigure(path.join(out, line.figures![0]!.file));
  expect(line.figures).toMatchObject([{ layer: 'seen', targets: [{ kind: 'class', index: 1 }] }]);
  // Three files of the line's explanation, and those of the run, exist; the pictures name the program.
  const overlay = readFileSync(path.join(out, line.explanations[0]!.files['overlay']!));
  expect(overlay.includes('a service 2.0')).toBe(true);
  expect(readFileSync(path.join(out, 'sheet.png')).includes('a service 2.0')).toBe(true);
  const coco = JSON.parse(readFileSync(path.join(out, 'annotations.coco.json'), 'utf8')) as {
    annotations: { bbox: number[] }[];
  };
  // The red half.
  expect(coco.annotations[0]!.bbox).toEqual([0, 0, 2, 4]);
  expect(remarks).toEqual([]);

  // Only the failed image is left to do.
  const again = await startRun(out, [torn, image], true);
  expect(again.request.images).toEqual([{ image: torn }]);
  await again.close();
});

test('a fault of the engine ends the loop, and no line is written for it', async () => {
  const folder = makeTemporaryFolder();
  const image = await writeRedAndBlue(path.join(folder, 'picture.png'));
  const { request, close } = await startRun(path.join(folder, 'run'), [image], false);
  const broken: Explainer = {
    explain: async () => {
      throw new GradcamError('engine', 'the device is lost');
    },
    drop: () => {},
  };
  await expect(explainImages({ ...request, thread: broken })).rejects.toMatchObject({
    kind: 'engine',
  });
  await close();
  expect(readFileSync(path.join(folder, 'run/results.jsonl'), 'utf8')).toBe('');
});

test('a line is written only while the lock is held, and the lock is released at the end', async () => {
  const folder = makeTemporaryFolder();
  const image = await writeRedAndBlue(path.join(folder, 'picture.png'));
  let released = 0;
  const lock: RunLock = {
    assertHeld: () => Promise.reject(new Error('another process holds the lock')),
    release: async () => void released++,
  };
  const out = path.join(folder, 'run');
  const { request, close } = await startRun(out, [image], false, lock);
  await expect(explainImages(request)).rejects.toThrow('another process holds the lock');
  await close();
  expect([readFileSync(path.join(out, 'results.jsonl'), 'utf8'), released]).toEqual(['', 1]);
});

test('a line that is lost while a run is being resumed is an error, not a run that is done', async () => {
  const folder = makeTemporaryFolder();
  const image = await writeRedAndBlue(path.join(folder, 'picture.png'));
  const out = path.join(folder, 'run');
  const { request, close } = await startRun(out, [image], false);
  await explainImages(request);
  await close();
  const results = path.join(out, 'results.jsonl');
  const whole = readFileSync(results, 'utf8');
  // The note comes when the lines have been counted, and before anything is appended.
  const cut = (text: string): void => {
    if (text.startsWith('resumed')) writeFileSync(results, '');
  };
  const again = await startRun(out, [image], true, undefined, cut);
  expect(again.request.images).toEqual([]);
  await expect(again.request.results.verify()).rejects.toMatchObject({ kind: 'cannot-write' });
  await again.close();
  writeFileSync(results, whole);
  const third = await startRun(out, [image], true);
  await third.request.results.verify();
  await third.close();
});
