// @ts-check
// Renders the sample scenes of the demo into demo/scenes:  node tools/demo/samples.mjs
// Their seeds belong to no training, validation or test scene.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { LABELS, loadPictograms } from './scenes/pictograms.mjs';
import { mixSeed } from './scenes/prng.mjs';
import { renderScene } from './scenes/scene.mjs';

const SPLIT = 4;

/**
 * Files of exactly 128 x 128 need no resizing, and tests compare numbers on them. Each shows the scene of the
 * same seed in the input size of the nets.
 */
const SAMPLES = [
  { file: 'cat-and-dog.png', seed: 5, width: 256, height: 256, classes: ['cat', 'dog'] },
  { file: 'cat-and-dog-128.png', seed: 5, width: 128, height: 128, classes: ['cat', 'dog'] },
  { file: 'street.png', seed: 5, width: 384, height: 256, classes: ['car', 'bicycle', 'dog'] },
  { file: 'garden.png', seed: 4, width: 256, height: 320, classes: ['turtle', 'umbrella', 'cat'] },
  {
    file: 'parade.png',
    seed: 8,
    width: 256,
    height: 256,
    classes: ['elephant', 'guitar', 'bird', 'sailboat'],
  },
  {
    file: 'parade-128.png',
    seed: 8,
    width: 128,
    height: 128,
    classes: ['elephant', 'guitar', 'bird', 'sailboat'],
  },
];

const folder = new URL('../../demo/scenes/', import.meta.url);
mkdirSync(folder, { recursive: true });
const pictograms = await loadPictograms();
const scenes = [];
for (const { file, seed, width, height, classes } of SAMPLES) {
  const scene = renderScene(pictograms, {
    seed: mixSeed(SPLIT, seed),
    width,
    height,
    classes: classes.map((label) => LABELS.indexOf(label)),
  });
  await sharp(scene.pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9 })
    .toFile(fileURLToPath(new URL(file, folder)));
  const objects = scene.objects.map(({ class: name, index, box }) => ({ class: name, index, box }));
  scenes.push({ file, width, height, seed, objects });
}
writeFileSync(new URL('scenes.json', folder), JSON.stringify(scenes, null, 2) + '\n');
