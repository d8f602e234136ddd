// Usage: node examples/explain-folder.mjs <model folder> <folder of images> <out folder>
// Explains the best class of each image, and writes an overlay of each.
import * as gradcam from '@gradcam/core/node';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const [model, folder, out] = process.argv.slice(2);
await mkdir(out, { recursive: true });
const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g|webp)$/i.test(name)).sort();

for (const name of names) {
  // The model is loaded with the first image and kept for the others.
  const picture = await gradcam.explain(path.join(folder, name), { model });
  const [{ probability }] = picture.predictions;
  const [{ target, peak }] = picture.explanations;
  const percent = (100 * probability).toFixed(1);
  console.log(`${name}: ${target.label} ${percent} %, strongest at (${peak.x}, ${peak.y})`);
  await writeFile(
    path.join(out, `${path.parse(name).name}.png`),
    await gradcam.overlayPng(picture),
  );
}
await gradcam.disposeModels();
