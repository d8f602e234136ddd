// What quantisation costs: size, top-1 and top-5 agreement with float32, largest change of a
// probability. After a build:
//   node scripts/measure-dtypes.mjs <tfjs model folder> <image>... [--range 0..255|0..1|-1..1]
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { WEIGHT_DTYPES } from '../dist/index.js';
import { convertModel } from '../dist/node/index.js';

const RANGES = { '0..255': [1, 0], '0..1': [1 / 255, 0], '-1..1': [2 / 255, -1] };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { range: { type: 'string', default: '-1..1' } },
});
const [source, ...images] = positionals;
const [scale, offset] = RANGES[values.range];
await tf.setBackend('wasm');
const scratch = mkdtempSync(join(tmpdir(), 'gradcam-dtypes-'));
let exact;
console.log('dtype    bytes      top-1  top-5  largest change of a probability');
for (const dtype of WEIGHT_DTYPES) {
  const out = join(scratch, dtype);
  const { report } = await convertModel({ source, out, dtype });
  const model = await load(out);
  const [, height, width] = model.inputs[0].shape;
  const found = [];
  for (const image of images) {
    const pixels = await sharp(image)
      .rotate()
      .removeAlpha()
      .toColourspace('srgb')
      .resize(width, height, { fit: 'cover' })
      .raw()
      .toBuffer();
    const input = Float32Array.from(pixels, (value) => value * scale + offset);
    const output = model.predict(tf.tensor4d(input, [1, height, width, 3]));
    found.push(output.dataSync());
  }
  exact ??= found;
  const top = (scores, count) =>
    [...scores.keys()].sort((a, b) => scores[b] - scores[a]).slice(0, count);
  const agreement = (count) => {
    const shares = found.map((scores, index) => {
      const wanted = new Set(top(exact[index], count));
      return top(scores, count).filter((label) => wanted.has(label)).length / count;
    });
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    return `${(100 * mean).toFixed(0)} %`.padEnd(6);
  };
  const changes = found.map((scores, index) =>
    scores.reduce((most, score, i) => Math.max(most, Math.abs(score - exact[index][i])), 0),
  );
  const bytes = String(report.weightBytes).padEnd(10);
  const change = Math.max(...changes).toExponential(1);
  console.log(dtype.padEnd(8), bytes, agreement(1), agreement(5), change);
}
rmSync(scratch, { recursive: true });

async function load(folder) {
  const json = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
  const parts = json.weightsManifest.flatMap(({ paths }) =>
    paths.map((path) => readFileSync(join(folder, path))),
  );
  return loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest.flatMap(({ weights }) => weights),
      weightData: new Uint8Array(Buffer.concat(parts)).buffer,
    }),
  );
}
