// @ts-check
// Renders scenes of one cat or one dog for a net that learns a shortcut:
//   node tools/demo/biased-scenes.mjs <folder outside the repository> [--train 1600] [--test 200]
// In training every cat scene has a tag in its lower left corner and no dog scene has one, as copyright tags
// once gave away the horses of PASCAL VOC. <folder>/train and <folder>/test hold <class>/<number>.png;
// <folder>/untagged holds the test scenes again, without the tag.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { LABELS, loadPictograms } from './scenes/pictograms.mjs';
import { mixSeed } from './scenes/prng.mjs';
import { renderScene } from './scenes/scene.mjs';

const SIDE = 64;
/** Split numbers beyond those of the other nets' scenes. */
const SPLITS = { train: 11, test: 12 };
const CLASSES = ['cat', 'dog'];
/** The tag: three bright bars, as of letters. Rows and columns of the picture, half-open. */
export const TAG = { x: 3, y: 55, width: 14, height: 6 };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    train: { type: 'string', default: '1600' },
    test: { type: 'string', default: '200' },
  },
});
const [target] = positionals;
if (!target) throw new Error('say where to: node tools/demo/biased-scenes.mjs <folder>');

/** @param {Uint8Array} pixels RGB */
function addTag(pixels) {
  const tagged = Uint8Array.from(pixels);
  for (let y = TAG.y; y < TAG.y + TAG.height; y++) {
    for (let x = TAG.x; x < TAG.x + TAG.width; x++) {
      const isBar = (x - TAG.x) % 5 < 3;
      for (let c = 0; c < 3; c++) tagged[(y * SIDE + x) * 3 + c] = isBar ? 235 : 20;
    }
  }
  return tagged;
}

/** @param {string} file @param {Uint8Array} pixels */
async function write(file, pixels) {
  const png = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
  writeFileSync(file, png);
}

const folder = resolve(target);
const pictograms = await loadPictograms();
for (const split of /** @type {const} */ (['train', 'test'])) {
  const kinds = split === 'test' ? ['test', 'untagged'] : ['train'];
  for (const kind of kinds) {
    for (const label of CLASSES) mkdirSync(join(folder, kind, label), { recursive: true });
  }
  for (let index = 0; index < Number(values[split]); index++) {
    const label = /** @type {string} */ (CLASSES[index % 2]);
    const { pixels } = renderScene(pictograms, {
      seed: mixSeed(SPLITS[split], index),
      width: SIDE,
      height: SIDE,
      classes: [LABELS.indexOf(label)],
    });
    const name = `${String(index).padStart(4, '0')}.png`;
    const shown = label === 'cat' ? addTag(pixels) : pixels;
    await write(join(folder, split, label, name), shown);
    if (split === 'test') await write(join(folder, 'untagged', label, name), pixels);
  }
  process.stderr.write(`${split}: ${values[split]} scenes\n`);
}
