// @ts-check
/**
 * What quantisation costs on a real net: size, and on each photo how many of the float32 net's five
 * best classes are among the quantised net's five best. Prints the table of the README.
 *
 * Usage: node tools/verify/measure-dtypes.mjs <tfjs model> <folder of photos> --input-range=-1..1
 */
import { describeModel, explain, loadModel } from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import { convertModel } from '@gradcam/converter/node';
import * as ort from 'onnxruntime-node';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const [source = '', photos = '', range = '--input-range=0..1'] = process.argv.slice(2);
const overrides = { inputRange: /** @type {'-1..1'} */ (range.split('=')[1]) };
const engine = createOnnxEngine(ort);
const files = readdirSync(photos).filter((name) => /\.(png|jpe?g)$/i.test(name));
const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-dtypes-'));

try {
  const exact = await predict(source);
  process.stdout.write(`| dtype | size | top-5 kept | same top-1 |\n| --- | --- | --- | --- |\n`);
  for (const dtype of /** @type {const} */ (['float32', 'float16', 'uint16', 'uint8'])) {
    const out = path.join(folder, dtype);
    if (dtype !== 'float32') await convertModel({ source, out, dtype });
    const model = dtype === 'float32' ? source : out;
    const found = dtype === 'float32' ? exact : await predict(model);
    const kept = exact.flatMap((top, i) => top.filter((index) => found[i]?.includes(index)));
    const same = exact.filter((top, i) => top[0] === found[i]?.[0]).length;
    const share = ((100 * kept.length) / (5 * files.length)).toFixed(1);
    process.stdout.write(
      `| ${dtype} | ${measure(model)} MB | ${share} % | ${same} of ${files.length} |\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {string} folder @returns {Promise<number[][]>} five best classes of each photo */
async function predict(folder) {
  await describeModel(openModelFolder(folder), overrides);
  const model = await loadModel(openModelFolder(folder), { engine, ...overrides });
  const best = [];
  for (const file of files) {
    const { predictions } = await explain(model, await readImage(path.join(photos, file)));
    best.push(predictions.map(({ index }) => index));
  }
  model.dispose();
  return best;
}

/** @param {string} folder */
function measure(folder) {
  const shards = readdirSync(folder).filter((name) => name.endsWith('.bin'));
  const bytes = shards.reduce((sum, name) => sum + statSync(path.join(folder, name)).size, 0);
  return (bytes / 1e6).toFixed(2);
}
