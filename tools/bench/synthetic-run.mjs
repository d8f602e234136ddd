// @ts-check
import { link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createDisplayMap, findBox, findPeak, fitImage, renderOverlay } from '@gradcam/core';
import { encodeNpy, encodePng } from '@gradcam/core/node';

const WIDTH = 500;
const HEIGHT = 375;

/**
 * Number of different pictures. The rest are the same bytes under other names, which a browser reads again.
 */
const SCENES = 24;

const classes = ['cat', 'dog', 'bicycle', 'umbrella', 'sailboat', 'guitar'];

/**
 * Writes a run of many images, with two maps each, in the size of photographs. Every hundredth image failed.
 *
 * @param {string} run folder, made anew
 * @param {number} count
 */
export async function writeSyntheticRun(run, count) {
  await mkdir(path.join(run, 'images'), { recursive: true });
  const scenes = [];
  for (let i = 0; i < SCENES; i++) scenes.push(await writeScene(run, i));
  const lines = [];
  for (let i = 0; i < count; i++) {
    const image = `photos/${String(i).padStart(5, '0')}.jpg`;
    if (i % 100 === 99) {
      lines.push({ image, error: `${image}: the JPEG ends too early` });
      continue;
    }
    const scene = scenes[i % SCENES] ?? [];
    const folder = `images/${i}`;
    await mkdir(path.join(run, folder));
    const explanations = [];
    for (const { files, ...explanation } of scene) {
      const own = Object.fromEntries(
        Object.entries(files).map(([kind, file]) => [kind, `${folder}/${path.basename(file)}`]),
      );
      for (const [kind, file] of Object.entries(files)) {
        await link(path.join(run, file), path.join(run, own[kind] ?? ''));
      }
      explanations.push({ ...explanation, files: own });
    }
    const predictions = classes.map((_, k) => {
      const index = (i + k) % classes.length;
      return {
        index,
        label: classes[index],
        probability: ((i % 997) + 1) / 2000 / (k + 1),
        logit: 5 - k,
      };
    });
    const line = { image, sha256: i.toString(16).padStart(64, '0'), width: WIDTH, height: HEIGHT };
    lines.push({ ...line, predictions, explanations, ms: 20 });
  }
  await writeFile(
    path.join(run, 'results.jsonl'),
    lines.map((one) => `${JSON.stringify(one)}\n`).join(''),
  );
  await writeFile(path.join(run, 'run.json'), JSON.stringify(runFile()));
}

function runFile() {
  return {
    schema: 1,
    status: 'done',
    startedAt: '2026-03-02T09:30:00.000Z',
    model: { id: 'synthetic', path: 'models/synthetic', digest: 'ab'.repeat(32) },
    engine: 'onnx-cpu',
    versions: {},
    settings: {
      methods: ['grad-cam'],
      targets: ['top1', 'top2'],
      layers: ['auto'],
      save: ['overlay', 'raw'],
      colormap: 'turbo',
      alpha: 0.5,
      fit: 'crop',
    },
    assumptions: [],
  };
}

/**
 * Writes two maps over one picture.
 *
 * @param {string} run
 * @param {number} seed
 */
async function writeScene(run, seed) {
  const picture = paint(seed);
  const geometry = fitImage(picture, { width: 224, height: 224, fit: 'crop', cropFraction: 0.875 });
  const explanations = [];
  for (const index of [seed % classes.length, (seed + 1) % classes.length]) {
    const [row, column] = [(seed * 3 + index) % 7, (seed + 2 * index) % 7];
    const data = Float32Array.from(
      { length: 49 },
      (_, i) => 1.4 - 0.5 * Math.hypot(Math.floor(i / 7) - row, (i % 7) - column),
    );
    const raw = { shape: [7, 7], data };
    const map = createDisplayMap(raw, true, geometry);
    const stem = `images/scene-${seed}--${index}`;
    const files = { overlay: `${stem}.overlay.png`, raw: `${stem}.npy` };
    await writeFile(
      path.join(run, files.overlay),
      await encodePng(renderOverlay(picture, map, 'turbo', 0.5)),
    );
    await writeFile(path.join(run, files.raw), encodeNpy(raw));
    const cellSize = [geometry.view.width / 7, geometry.view.height / 7];
    explanations.push({
      method: 'grad-cam',
      layer: 'block4',
      target: { kind: 'class', index, label: classes[index] },
      score: 9 - index,
      grid: [7, 7],
      relu: true,
      files,
      peak: findPeak(raw, geometry),
      box: findBox(map),
      diagnostics: { probability: 0.3, gradientNorm: 0.3, negativeShare: 0.4, cellSize },
    });
  }
  return explanations;
}

/**
 * Draws a picture that is as hard to decode as a photograph: waves with noise on them.
 *
 * @param {number} seed
 */
function paint(seed) {
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  let state = seed + 1;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const [pixel, channel] = [Math.floor(i / 3), i % 3];
    const [x, y] = [pixel % WIDTH, Math.floor(pixel / WIDTH)];
    const wave = Math.sin(x / (17 + seed) + channel) + Math.cos(y / (23 + seed));
    data[i] = 128 + 45 * wave + (state >>> 28);
  }
  return { width: WIDTH, height: HEIGHT, channels: /** @type {3} */ (3), data };
}
