// @ts-check
// Writes held-out scenes as PNG files, with the boxes of all their objects as one COCO file, for
// `gradcam evaluate --boxes`:
//   node tools/demo/render.mjs <scenes> --train 0 --val 0 --test 300
//   node tools/demo/scene-files.mjs <scenes> <folder>
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const [source, target] = process.argv.slice(2);
if (!source || !target) throw new Error('node tools/demo/scene-files.mjs <scenes> <folder>');
mkdirSync(target, { recursive: true });

/**
 * @typedef {{ class: string, index: number, box: { x: number, y: number, width: number, height: number } }}
 * Labelled
 * @type {{ width: number, height: number, labels: string[], scenes: Labelled[][] }}
 */
const { width, height, labels, scenes } = JSON.parse(
  readFileSync(join(source, 'test.json'), 'utf8'),
);
const pictures = readFileSync(join(source, 'test.u8'));
const bytes = width * height * 3;

const nameOf = (/** @type {number} */ id) => `scene-${String(id).padStart(4, '0')}.png`;
for (const id of scenes.keys()) {
  const data = pictures.subarray(id * bytes, (id + 1) * bytes);
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(target, nameOf(id)));
}
const coco = {
  images: scenes.map((_, id) => ({ id, file_name: nameOf(id), width, height })),
  categories: labels.map((name, id) => ({ id, name })),
  annotations: scenes.flatMap((objects, id) =>
    objects.map(({ index, box }) => ({
      image_id: id,
      category_id: index,
      bbox: [box.x, box.y, box.width, box.height],
    })),
  ),
};
writeFileSync(join(target, 'coco.json'), JSON.stringify(coco));
process.stderr.write(`${scenes.length} scenes\n`);
