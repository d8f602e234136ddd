// @ts-check
/**
 * Writes the picture at the top of docs/methods.md: the figure of the paper for the sample scene, as
 * `gradcam explain --figure` writes it.
 *
 * Usage: npm run build && node tools/docs/write-figure.mjs [OUT.png]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = path.resolve(process.argv[2] ?? path.join(root, 'docs/images/figure.png'));
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
const work = mkdtempSync(path.join(tmpdir(), 'gradcam-figure-'));
const models = path.join(work, 'models');
const run = path.join(work, 'run');

/** @param {string[]} args */
const gradcam = (...args) => execFileSync(process.execPath, [command, ...args], { cwd: root });

try {
  gradcam('fetch', 'demo-resnet', '--models', models, '--quiet');
  gradcam(
    ...['explain', 'demo/scenes/cat-and-dog.png', '--model', 'demo-resnet', '--models', models],
    ...['--target', 'cat', '--target', 'dog', '--figure', '--out', run, '--quiet'],
  );
  const [line = ''] = readFileSync(path.join(run, 'results.jsonl'), 'utf8').split('\n');
  /** @type {import('@gradcam/core').ResultLine} */
  const { figures = [] } = JSON.parse(line);
  await sharp(path.join(run, String(figures[0]?.file)))
    .png({ palette: true, quality: 95, effort: 8 })
    .toFile(out);
} finally {
  rmSync(work, { recursive: true, force: true });
}
