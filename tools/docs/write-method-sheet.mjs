// @ts-check
/**
 * Writes one picture of one image explained for two classes by every method, to look at: a map on the
 * wrong object is a bug.
 *
 * Usage: node tools/docs/write-method-sheet.mjs MODEL IMAGE FIRST SECOND OUT.png [--runs N] [--range R] [--labels FILE]
 *
 * The picture of docs/methods.md is of the demo model and its sample scene:
 *   node tools/docs/write-method-sheet.mjs DEMO-RESNET demo/scenes/cat-and-dog.png cat dog docs/images/methods.png
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import * as core from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';

const SIDE = 112;
const GAP = 6;
const CAPTION = 18;
/** Methods in a row, each with its two maps side by side. */
const COLUMNS = 5;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '300' },
    range: { type: 'string' },
    labels: { type: 'string' },
  },
});
const [folder, file, first, second, out] = positionals;
if (!folder || !file || !first || !second || !out) {
  throw new Error('usage: write-method-sheet.mjs MODEL IMAGE FIRST SECOND OUT.png');
}

const engine = createOnnxEngine(ort);
const model = await core.loadModel(openModelFolder(folder), {
  engine,
  ...(flags.range ? { inputRange: /** @type {'-1..1'} */ (flags.range) } : {}),
  ...(flags.labels ? { classNames: core.parseLabels(await readFile(flags.labels, 'utf8')) } : {}),
});
const image = await readImage(file);
const targets = [first, second];

const tiles = [];
const scene = sharp(image.data, { raw: pick(image) }).resize(SIDE, SIDE, { fit: 'fill' });
tiles.push({ caption: 'the image', panels: [await scene.png().toBuffer()] });
for (const method of core.methods) {
  const found = await core
    .explain(model, image, { methods: [method.name], targets, runs: Number(flags.runs) })
    .catch((error) => ({ error }));
  if ('error' in found) {
    console.error(`${method.name}: left out, ${found.error.message}`);
    continue;
  }
  const panels = await Promise.all(
    found.explanations.map(async (explanation) => {
      const map = core.displayMapOf(explanation, found.geometry);
      // Fine lines do not show over an image.
      const painted =
        explanation.kind === 'pixels'
          ? core.renderHeatmap(map, 'inferno')
          : core.renderOverlay(image, map, 'turbo', 0.5);
      return sharp(painted.data, { raw: pick(painted) })
        .resize(SIDE, SIDE, { fit: 'fill' })
        .png()
        .toBuffer();
    }),
  );
  tiles.push({ caption: method.title, panels });
}
model.dispose();

const columnWidth = 2 * SIDE + 3 * GAP;
const rowHeight = SIDE + CAPTION + GAP;
const rows = Math.ceil(tiles.length / COLUMNS);
const composed = tiles.flatMap(({ panels }, i) =>
  panels.map((input, k) => ({
    input,
    left: (i % COLUMNS) * columnWidth + GAP + k * (SIDE + 2),
    top: Math.floor(i / COLUMNS) * rowHeight + CAPTION,
  })),
);
const captions = tiles.map(({ caption, panels }, i) => {
  const x = (i % COLUMNS) * columnWidth + GAP;
  const y = Math.floor(i / COLUMNS) * rowHeight + CAPTION - 5;
  const text = panels.length > 1 ? caption : `${caption}; maps of ${first}, ${second}`;
  return `<text x="${x}" y="${y}">${text}</text>`;
});
const width = COLUMNS * columnWidth;
const height = rows * rowHeight;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="12" fill="#222">${captions.join('')}</svg>`;
await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
  .composite([...composed, { input: Buffer.from(svg), left: 0, top: 0 }])
  .png({ palette: true, quality: 90, effort: 8 })
  .toFile(out);

/**
 * @param {{ width: number, height: number, channels: 3 | 4 }} image
 * @returns {{ width: number, height: number, channels: 3 | 4 }}
 */
function pick({ width, height, channels }) {
  return { width, height, channels };
}
