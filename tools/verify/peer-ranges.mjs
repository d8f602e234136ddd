// @ts-check
// Usage: node tools/verify/peer-ranges.mjs [--tarballs DIR] [--only onnx-web]
// Installs the published core with the oldest and the newest release of each peer, explains the demo scene
// with each, and compares the maps. It takes some minutes and needs the npm registry and demo-output
// (npm run demo).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packAll } from '../release/pack.mjs';
import { listTarballs } from './local-registry.mjs';

const { values: flags } = parseArgs({
  options: { tarballs: { type: 'string' }, only: { type: 'string' } },
});

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Two releases of a runtime sum in different orders: relative to the largest value of the map. */
const ANOTHER_RELEASE = 1e-4;

const tfjs = (/** @type {string} */ version) =>
  ['core', 'backend-wasm', 'backend-cpu'].map((name) => `@tensorflow/tfjs-${name}@${version}`);

/** Engines, and the packages that are installed for them. */
const sets = [
  { engine: 'onnx', peers: ['onnxruntime-node@1.30.0', 'sharp@0.35.5'] },
  { engine: 'onnx', peers: ['onnxruntime-node@1.22.0', 'sharp@0.33.0'] },
  { engine: 'onnx-web', peers: ['onnxruntime-web@1.30.0', 'sharp@0.33.5'] },
  { engine: 'onnx-web', peers: ['onnxruntime-web@1.22.0', 'sharp@0.35.5'] },
  { engine: 'wasm', peers: [...tfjs('4.22.0'), 'sharp@0.34.0'] },
  { engine: 'wasm', peers: [...tfjs('4.10.0'), 'sharp@0.33.0'] },
];

const program = `
import { explain, loadModel } from '@gradcam/core';
import { loadOnnxRuntime, openModelFolder, readImage } from '@gradcam/core/node';
const [kind, folder, scene] = process.argv.slice(2);
const engine = kind.startsWith('onnx')
  ? (await import('@gradcam/core/onnx')).createOnnxEngine(
      kind === 'onnx' ? await loadOnnxRuntime() : await import('onnxruntime-web'))
  : await (await import('@gradcam/core/tfjs')).createTfjsEngine({ backend: kind });
const model = await loadModel(openModelFolder(folder), { engine });
const { explanations } = await explain(model, await readImage(scene), { targets: ['cat'] });
console.log(JSON.stringify([...explanations[0].raw.data]));
model.dispose();
`;

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-peers-'));
try {
  const packed =
    flags.tarballs === undefined
      ? packAll(path.join(folder, 'tarballs'), [])
      : listTarballs(flags.tarballs);
  const core = packed.find(({ name }) => name === '@gradcam/core');
  /** @type {number[] | null} */
  let first = null;
  for (const { engine, peers } of sets) {
    if (engine !== (flags.only ?? engine)) continue;
    const project = mkdtempSync(path.join(folder, `${engine}-`));
    writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }');
    writeFileSync(path.join(project, 'program.mjs'), program);
    // No --legacy-peer-deps: a range that does not hold is an error here.
    execFileSync('npm', ['install', '--no-audit', '--no-fund', String(core?.file), ...peers], {
      cwd: project,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...process.env,
        ONNXRUNTIME_NODE_INSTALL: 'skip',
      },
    });
    const inputs = ['demo-output/models/demo-resnet', 'demo/scenes/cat-and-dog.png'];
    const args = ['program.mjs', engine, ...inputs.map((file) => path.join(root, file))];
    /** @type {number[]} */
    const map = JSON.parse(
      execFileSync(process.execPath, args, { cwd: project, encoding: 'utf8' }),
    );
    first ??= map;
    const known = first;
    const largest = Math.max(...known.map(Math.abs));
    const difference = Math.max(...map.map((value, i) => Math.abs(value - known[i]) / largest));
    console.log(`${engine} with ${peers.join(', ')}: difference ${difference.toExponential(1)}`);
    if (!(difference <= ANOTHER_RELEASE)) process.exitCode = 1;
    rmSync(project, { recursive: true });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
