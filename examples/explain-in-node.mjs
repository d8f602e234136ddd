// Usage: node examples/explain-in-node.mjs <model folder> <image> <class> <overlay.png>
import { displayMapOf, explain, loadModel, renderOverlay } from '@gradcam/core';
import { encodePng, openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { writeFile } from 'node:fs/promises';
import * as ort from 'onnxruntime-node';

const [folder, file, target, out] = process.argv.slice(2);
const model = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
const image = await readImage(file);
const { explanations, geometry } = await explain(model, image, { targets: [target] });
const [{ target: found, score, peak }] = explanations;
console.log(`${found.label}: logit ${score.toFixed(2)}, strongest at (${peak.x}, ${peak.y})`);
const overlay = renderOverlay(image, displayMapOf(explanations[0], geometry), 'turbo', 0.5);
await writeFile(out, await encodePng(overlay));
model.dispose();
