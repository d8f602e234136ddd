// Usage: node examples/teachable-machine.mjs <unpacked export> <image> <overlay.png>
// Teachable Machine's export "Tensorflow.js": model.json, weights.bin and metadata.json, whose names of
// classes, size and scale of pixels are read.
import * as gradcam from '@gradcam/core/node';
import { writeFile } from 'node:fs/promises';

const [model, image, out] = process.argv.slice(2);
const picture = await gradcam.explain(image, { model });
for (const { label, probability } of picture.predictions) {
  console.log(`${label}: ${(100 * probability).toFixed(1)} %`);
}
const [{ target, peak }] = picture.explanations;
console.log(`${target.label} is strongest at (${peak.x}, ${peak.y})`);
await writeFile(out, await gradcam.overlayPng(picture));
await gradcam.disposeModels();
