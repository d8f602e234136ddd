// @ts-check
/**
 * Writes the pictures of the README and the docs from the files that `npm run demo` wrote.
 *
 * Usage: node tools/docs/write-pictures.mjs [demo-output]
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = fileURLToPath(new URL('../..', import.meta.url));
const output = path.join(root, process.argv[2] ?? 'demo-output');
const SIDE = 256;
const GAP = 12;
const CAPTION = 30;

/** The scene, the map for "cat" and the map for "dog" by the ONNX file, side by side with captions. */
const run = path.join(output, 'pytorch/cat-and-dog');
const [line] = readFileSync(path.join(run, 'results.jsonl'), 'utf8').trim().split('\n');
const { explanations } = JSON.parse(line ?? '{}');
const panels = [
  { caption: 'the scene', file: path.join(root, 'demo/scenes/cat-and-dog.png') },
  ...explanations.map((/** @type {any} */ explanation) => ({
    caption: `Grad-CAM for "${explanation.target.label}"`,
    file: path.join(run, explanation.files.overlay),
  })),
];
const width = panels.length * (SIDE + GAP) + GAP;
const height = SIDE + GAP + CAPTION;
const composed = await Promise.all(
  panels.map(async ({ file }, i) => ({
    input: await sharp(file).resize(SIDE, SIDE).toBuffer(),
    left: GAP + i * (SIDE + GAP),
    top: GAP,
  })),
);
const captions = panels
  .map(({ caption }, i) => {
    const x = GAP + i * (SIDE + GAP) + SIDE / 2;
    const text = caption.replaceAll('"', '&quot;');
    return `<text x="${x}" y="${SIDE + GAP + 20}" text-anchor="middle">${text}</text>`;
  })
  .join('');
const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" font-family="DejaVu Sans, sans-serif" font-size="14" fill="#222">${captions}</svg>`;
await sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
  .composite([...composed, { input: Buffer.from(svg), left: 0, top: 0 }])
  .png({ palette: true, quality: 90, effort: 10 })
  .toFile(path.join(root, 'docs/images/from-pytorch.png'));
