// @ts-check
// Renders the training, validation and test scenes as raw files that a Python script can map:
//   node tools/demo/render.mjs <folder outside the repository>
//     [--train 24000] [--val 400] [--test 1000] [--words]
// <split>.u8 holds the pictures (count x 128 x 128 x 3), <split>.json the objects of each,
// test-masks.u8 one byte per pixel whose bit k is object k. With --words, the scenes are those for
// questions and captions: a class may occur several times, objects may be painted, and the JSON says
// which colour each has.
import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { SCENE_SIDE } from './scenes/canvas.mjs';
import { ownColour } from './scenes/colours.mjs';
import { LABELS, loadPictograms } from './scenes/pictograms.mjs';
import { createRandom, mixSeed } from './scenes/prng.mjs';
import { renderScene } from './scenes/scene.mjs';
import { chooseObjects } from './scenes/words.mjs';

/**
 * Each split has its own range of seeds, and the sample scenes of the demo have seeds outside all of them.
 */
const SPLITS = /** @type {const} */ ({
  train: { seed: 1, counts: [1, 2, 2, 3, 3, 4] },
  val: { seed: 2, counts: [2, 3, 4] },
  test: { seed: 3, counts: [2, 3, 4] },
});
/** The same for scenes for questions and captions. */
const WORD_SPLITS = /** @type {const} */ ({
  train: { seed: 21, counts: [1, 2, 2, 3, 3, 4, 4] },
  val: { seed: 22, counts: [2, 3, 4] },
  test: { seed: 23, counts: [2, 3, 4] },
});
const PIXELS = SCENE_SIDE * SCENE_SIDE;

/**
 * @typedef {{folder: string, split: keyof typeof SPLITS, words: boolean, from: number,
 *   to: number}} Share
 * @typedef {{class: string, index: number, box: {x: number, y: number, width: number, height:
 *   number}, colour?: string | null}} Labelled
 */

/**
 * Runs in a worker: renders the scenes from..to into their places in the shared file.
 *
 * @param {Share} share @returns {Promise<Labelled[][]>}
 */
async function renderShare({ folder, split, words, from, to }) {
  const pictograms = await loadPictograms();
  const ownColours = pictograms.map(ownColour);
  const { seed, counts } = (words ? WORD_SPLITS : SPLITS)[split];
  const pictures = openSync(join(folder, `${split}.u8`), 'r+');
  const masks = split === 'test' ? openSync(join(folder, 'test-masks.u8'), 'r+') : undefined;
  const labels = [];
  for (let index = from; index < to; index++) {
    const sceneSeed = mixSeed(seed, index);
    const chosen = words ? chooseObjects(createRandom(mixSeed(sceneSeed, 1)), counts) : { counts };
    const size = { width: SCENE_SIDE, height: SCENE_SIDE };
    const scene = renderScene(pictograms, { seed: sceneSeed, ...size, ...chosen });
    writeSync(pictures, scene.pixels, 0, PIXELS * 3, index * PIXELS * 3);
    if (masks !== undefined) {
      const bits = new Uint8Array(PIXELS);
      scene.objects.forEach(({ mask }, k) => {
        for (let i = 0; i < PIXELS; i++) bits[i] = (bits[i] ?? 0) | ((mask[i] ?? 0) << k);
      });
      writeSync(masks, bits, 0, PIXELS, index * PIXELS);
    }
    labels.push(
      scene.objects.map(({ class: name, index, box, paint }) => {
        const colour = paint ?? ownColours[index] ?? null;
        return { class: name, index, box, ...(words && { colour }) };
      }),
    );
  }
  closeSync(pictures);
  if (masks !== undefined) closeSync(masks);
  return labels;
}

/** @param {string} file @param {number} bytes */
function allocate(file, bytes) {
  const handle = openSync(file, 'w');
  ftruncateSync(handle, bytes);
  closeSync(handle);
}

/**
 * @param {string} folder @param {keyof typeof SPLITS} split @param {number} count @param {boolean} words
 */
async function renderSplit(folder, split, count, words) {
  allocate(join(folder, `${split}.u8`), count * PIXELS * 3);
  if (split === 'test') allocate(join(folder, 'test-masks.u8'), count * PIXELS);
  const workers = Math.min(availableParallelism(), Math.max(1, count));
  const shares = Array.from({ length: workers }, (_, i) => ({
    folder,
    split,
    words,
    from: Math.floor((count * i) / workers),
    to: Math.floor((count * (i + 1)) / workers),
  }));
  const scenes = (await Promise.all(shares.map(runWorker))).flat();
  const side = SCENE_SIDE;
  writeFileSync(
    join(folder, `${split}.json`),
    JSON.stringify({ width: side, height: side, labels: LABELS, scenes }),
  );
  process.stderr.write(`${split}: ${count} scenes\n`);
}

/** @param {Share} share @returns {Promise<Labelled[][]>} */
function runWorker(share) {
  return new Promise((done, failed) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.once('message', done);
    worker.once('error', failed);
  });
}

if (isMainThread) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      train: { type: 'string', default: '24000' },
      val: { type: 'string', default: '400' },
      test: { type: 'string', default: '1000' },
      words: { type: 'boolean', default: false },
    },
  });
  const [target] = positionals;
  if (!target) throw new Error('say where to: node tools/demo/render.mjs <folder>');
  const folder = resolve(target);
  mkdirSync(folder, { recursive: true });
  for (const split of /** @type {const} */ (['test', 'val', 'train'])) {
    await renderSplit(folder, split, Number(values[split]), values.words);
  }
} else {
  parentPort?.postMessage(await renderShare(workerData));
}
