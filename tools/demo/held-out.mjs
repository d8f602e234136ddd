// @ts-check
// Renders held-out scenes for `gradcam evaluate --boxes`:
//   node tools/demo/held-out.mjs <folder outside the repository> [--count 300]
// <folder>/scenes/<number>.png are the first test scenes of render.mjs; <folder>/coco.json has their boxes.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { SCENE_SIDE } from './scenes/canvas.mjs';
import { LABELS, loadPictograms } from './scenes/pictograms.mjs';
import { mixSeed } from './scenes/prng.mjs';
import { renderScene } from './scenes/scene.mjs';

/** Of the split `test` in render.mjs, which no net was trained on. */
const SEED = 3;
const COUNTS = [2, 3, 4];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: 'string', default: '300' } },
});
const [target] = positionals;
if (!target) throw new Error('say where to: node tools/demo/held-out.mjs <folder>');
const folder = resolve(target);
mkdirSync(join(folder, 'scenes'), { recursive: true });

const pictograms = await loadPictograms();
const size = { width: SCENE_SIDE, height: SCENE_SIDE };
const images = [];
const annotations = [];
for (let index = 0; index < Number(values.count); index++) {
  const scene = renderScene(pictograms, { seed: mixSeed(SEED, index), ...size, counts: COUNTS });
  const name = `${String(index).padStart(4, '0')}.png`;
  await sharp(scene.pixels, { raw: { ...size, channels: 3 } })
    .png()
    .toFile(join(folder, 'scenes', name));
  images.push({ id: index, file_name: name, ...size });
  for (const { index: label, box } of scene.objects) {
    const bbox = [box.x, box.y, box.width, box.height];
    annotations.push({ id: annotations.length, image_id: index, category_id: label + 1, bbox });
  }
}
const categories = LABELS.map((name, label) => ({ id: label + 1, name }));
writeFileSync(join(folder, 'coco.json'), JSON.stringify({ images, categories, annotations }));
process.stderr.write(`${images.length} scenes, ${annotations.length} objects\n`);
