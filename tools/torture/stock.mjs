// @ts-check
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { runCommand } from './command.mjs';
import { writeLargeModel } from './large-model.mjs';
import { createRandom } from './random.mjs';
import { makeSite } from './site.mjs';

/**
 * The files from which the scenarios start. The command itself makes them once, without a fault.
 *
 * @typedef {object} Stock
 * @property {string} weights an archive, `.tar.gz`
 * @property {string} models folder of the models `demo-resnet` and `large`
 * @property {string} exact a model of these weights in float32, to be replaced
 * @property {string} photos folder of {@link PHOTOS} pictures of noise
 * @property {string} run a finished run over all photos
 * @property {string} halfRun a run over three of them, of which one has changed since
 */

/** One image more than the command processes at the same time. */
export const PHOTOS = 5;

/** A run's picture must have more than 64 KiB, so that the server makes smaller versions of it. */
const PHOTO = { width: 200, height: 150 };

/** The index of the photo that is replaced before the half run is resumed. */
const CHANGED = 1;

/** Every kind of file that `explain` can write for an image. */
const SAVED = 'overlay,heatmap,raw,display,boxes,masks';

const archive = fileURLToPath(new URL('../../demo/weights/demo-resnet.tar.gz', import.meta.url));

/** The flags of the runs, except the images, the models' folder and the run folder. */
export const EXPLAIN = ['--model', 'demo-resnet', '--save', SAVED, '--sheet', '--quiet'];

/**
 * @param {string} folder made anew
 * @returns {Promise<Stock>}
 */
export async function makeStock(folder) {
  const site = makeSite(folder);
  const { work } = site;
  const at = (/** @type {string} */ name) => path.join(work, name);
  copyFileSync(archive, at('weights.tar.gz'));
  mkdirSync(at('photos'));
  for (let i = 0; i < PHOTOS; i++) await writePhoto(at('photos'), i, i);
  const convert = ['convert', 'weights.tar.gz', '--arch', 'demo-resnet', '--quiet', '--out'];
  await succeed(site, [...convert, 'models/demo-resnet']);
  writeLargeModel(at('models/large'));
  const explain = [...EXPLAIN, '--models', 'models', '--out'];
  await succeed(site, ['explain', 'photos', ...explain, 'runs/first']);
  await writePhoto(at('photos'), CHANGED, PHOTOS);
  const some = Array.from({ length: 3 }, (_, i) => path.join('photos', nameOf(i)));
  await succeed(site, ['explain', ...some, ...explain, 'half/first']);
  await writePhoto(at('photos'), CHANGED, CHANGED);
  return {
    weights: at('weights.tar.gz'),
    models: at('models'),
    exact: at('models/demo-resnet'),
    photos: at('photos'),
    run: at('runs/first'),
    halfRun: at('half/first'),
  };
}

/**
 * @param {import('./site.mjs').Site} site
 * @param {string[]} args
 */
async function succeed(site, args) {
  const { code, stderr } = await runCommand(site, args);
  if (code !== 0) throw new Error(`gradcam ${args.join(' ')} ended with ${code}: ${stderr}`);
}

/** @param {number} i */
function nameOf(i) {
  return `noise-${i}.png`;
}

/**
 * @param {string} folder
 * @param {number} i
 * @param {number} seed
 */
async function writePhoto(folder, i, seed) {
  const random = createRandom(seed, 1);
  const data = Uint8Array.from({ length: PHOTO.width * PHOTO.height * 3 }, () => random.below(256));
  const bytes = await sharp(data, { raw: { ...PHOTO, channels: 3 } })
    .png({ compressionLevel: 1 })
    .toBuffer();
  writeFileSync(path.join(folder, nameOf(i)), bytes);
}
