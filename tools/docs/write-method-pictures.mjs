// @ts-check
/**
 * Writes the pictures of the site's pages of methods: the sample scene, and for each method its maps of the
 * cat and of the dog in that scene by demo-resnet at its default layer. It also writes how many passes each
 * method took, as `gradcam methods` counts them.
 *
 * Usage: npm run build && node tools/docs/write-method-pictures.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@gradcam/core';
import { openModelFolder, readImage } from '@gradcam/core/node';
import { createOnnxEngine } from '@gradcam/core/onnx';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';

/** Pixels of a map's side, and between the two. */
const SIDE = 280;
const GAP = 8;
/** Passes of methods that may take any number of them. */
const RUNS = 500;

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
const out = path.join(root, 'docs/images/methods');
const work = mkdtempSync(path.join(tmpdir(), 'gradcam-pictures-'));
mkdirSync(out, { recursive: true });

/** @param {string[]} args */
const gradcam = (...args) =>
  execFileSync(process.execPath, [command, ...args], { encoding: 'utf8', stdio: 'pipe' });

/** @param {core.RgbImage} image */
const panelOf = ({ data, width, height, channels }) =>
  sharp(data, { raw: { width, height, channels } })
    .resize(SIDE, SIDE, { fit: 'fill' })
    .png()
    .toBuffer();

try {
  gradcam('fetch', 'demo-resnet', '--models', work, '--quiet');
  const folder = path.join(work, 'demo-resnet');
  const model = await core.loadModel(openModelFolder(folder), { engine: createOnnxEngine(ort) });
  const image = await readImage(path.join(root, 'demo/scenes/cat-and-dog.png'));
  await sharp(await panelOf(image))
    .webp({ quality: 85, effort: 6 })
    .toFile(path.join(out, 'scene.webp'));
  for (const { name } of core.methods) {
    const asked = { methods: [name], targets: ['cat', 'dog'], runs: RUNS };
    const { explanations, geometry } = await core.explain(model, image, asked);
    const panels = explanations.map((explanation) =>
      explanation.kind === 'pixels'
        ? core.renderGradientOver(image, explanation.raw, geometry)
        : core.renderOverlay(image, core.displayMapOf(explanation, geometry), 'turbo', 0.5),
    );
    const parts = await Promise.all(panels.map(panelOf));
    const base = { width: 2 * SIDE + GAP, height: SIDE, channels: /** @type {4} */ (4) };
    await sharp({ create: { ...base, background: '#00000000' } })
      .composite(parts.map((input, i) => ({ input, left: i * (SIDE + GAP), top: 0 })))
      .webp({ quality: 80, effort: 6 })
      .toFile(path.join(out, `${name}.webp`));
  }
  model.dispose();
  /** @type {{ name: string, runs: Record<string, number> }[]} */
  const costs = JSON.parse(gradcam('methods', '--model', folder, '--json'));
  const passes = Object.fromEntries(costs.map(({ name, runs }) => [name, runs]));
  const file = path.join(root, 'docs/tables/method-passes.json');
  writeFileSync(file, `${JSON.stringify(passes, null, 2)}\n`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
