// Usage: node examples/mean-maps.mjs <model folder> <folder of images> <x,y,width,height> <sheet.png>
// The mean picture and the mean map of each predicted class, and how much of the maps lies in a region of the
// pictures, which all have one size. A class whose maps meet in one place has learnt that place: a shortcut.
import { displayMapOf, explain, getColormap, loadModel } from '@gradcam/core';
import { bootstrapMean, measureEnergyPointing } from '@gradcam/core/evidence';
import { encodePng, openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { readdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as ort from 'onnxruntime-node';

const [folder, images, corner, out] = process.argv.slice(2);
const [x, y, width, height] = corner.split(',').map(Number);
const region = { boxes: [{ x, y, width, height }] };
const model = await loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });

/** For each class: the sum of pictures, the sum of maps, and each image's share of the map in the region. */
const classes = new Map();
let size;
for (const file of readdirSync(images).sort()) {
  const image = await readImage(path.join(images, file));
  const { explanations, geometry } = await explain(model, image);
  const map = displayMapOf(explanations[0], geometry);
  size = { width: map.width, height: map.height };
  const pixels = size.width * size.height;
  const label = explanations[0].target.label ?? explanations[0].target.index;
  if (!classes.has(label)) {
    classes.set(label, {
      picture: new Float64Array(pixels * 3),
      map: new Float64Array(pixels),
      shares: [],
    });
  }
  const found = classes.get(label);
  map.values.forEach((value, i) => {
    found.map[i] += value;
    for (let c = 0; c < 3; c++) found.picture[i * 3 + c] += image.data[i * image.channels + c];
  });
  found.shares.push(measureEnergyPointing(map, region).value);
}
model.dispose();

const percent = (share) => `${(100 * share).toFixed(1)} %`;
console.log(
  `the region is ${percent((width * height) / (size.width * size.height))} of the picture`,
);
for (const [label, { shares }] of [...classes].sort()) {
  const { mean, low, high, images: count } = bootstrapMean(shares);
  console.log(
    `${label}: ${count} images, ${percent(mean)} [${percent(low)}, ${percent(high)}] of the map in the region`,
  );
}

// One row for each class: the mean picture, and the mean map in viridis; each pixel as a square of 4.
const ZOOM = 4;
const table = getColormap('viridis');
const sheet = {
  width: 2 * size.width * ZOOM,
  height: classes.size * size.height * ZOOM,
  channels: 3,
};
sheet.data = new Uint8Array(sheet.width * sheet.height * 3);
[...classes].sort().forEach(([, { picture, map, shares }], row) => {
  const most = Math.max(...map);
  for (let i = 0; i < sheet.width * size.height * ZOOM; i++) {
    const [down, across] = [
      Math.floor(i / sheet.width / ZOOM),
      Math.floor((i % sheet.width) / ZOOM),
    ];
    const pixel = down * size.width + (across % size.width);
    const step = Math.round((map[pixel] / most) * 255) * 3;
    const start = (row * size.height * ZOOM * sheet.width + i) * 3;
    for (let c = 0; c < 3; c++) {
      sheet.data[start + c] =
        across < size.width ? picture[pixel * 3 + c] / shares.length : table[step + c];
    }
  }
});
await writeFile(out, await encodePng(sheet));
