// @ts-check
// Usage: node tools/verify/packed-packages.mjs [--only "npm 10,yarn 1"] [--nodes 20.19.0,22] [--tarballs DIR]
// Installs the published packages into empty folders with each package manager on each Node, as strangers do,
// and explains the demo scene with the command, with a program, with a page that Vite builds and with a page
// that nobody builds, both in Chromium. Needs the npm registry and a build; takes some minutes for each line.
// The Nodes are npm's own packages `node`. Without --tarballs it packs all packages first, 115 MB.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packAll } from '../release/pack.mjs';
import { checkPeak, checkSaid } from './check-peak.mjs';
import { drivePage, startChromium } from './drive-page.mjs';
import { listTarballs, serveRegistry } from './local-registry.mjs';
import { packageManagers } from './package-managers.mjs';
import { countBytes, environmentWithNode, runAsStranger } from './stranger.mjs';

const { values: flags } = parseArgs({
  options: {
    only: { type: 'string' },
    nodes: { type: 'string', default: '20.19.0,22,24' },
    tarballs: { type: 'string' },
  },
});
const chosen = packageManagers.filter(({ name }) => flags.only?.split(',').includes(name) ?? true);
const examples = fileURLToPath(new URL('../../examples', import.meta.url));

const program = `
import * as gradcam from '@gradcam/core/node';
import { writeFile } from 'node:fs/promises';

const scene = 'node_modules/@gradcam/cli/demo/scenes/cat-and-dog.png';
const cat = await gradcam.explain(scene, { model: 'demo-resnet', engine: 'wasm', targets: ['cat'] });
await writeFile('cat.png', await gradcam.overlayPng(cat));
console.log(JSON.stringify(cat.explanations[0].peak));
await gradcam.disposeModels();
`;
const tfjs = ['core', 'backend-cpu', 'backend-wasm'].map(
  (name) => `@tensorflow/tfjs-${name}@4.22.0`,
);
/** @type {{ devDependencies: { vite: string } }} */
const { devDependencies } = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
);
const needed = ['@gradcam/cli', '@gradcam/core', 'sharp', 'onnxruntime-web', ...tfjs];
const bundler = `vite@${devDependencies.vite}`;
const scene = 'node_modules/@gradcam/cli/demo/scenes/cat-and-dog.png';
const gradcam = path.join('node_modules', '.bin', 'gradcam');

const work = mkdtempSync(path.join(tmpdir(), 'gradcam-packed-'));
const registry = await serveRegistry(
  flags.tarballs === undefined
    ? packAll(path.join(work, 'tarballs'))
    : listTarballs(flags.tarballs),
);
const browser = await startChromium();
const columns = ['manager', 'Node', 'install', 'on disk', 'command', 'program'];
console.log(`| ${[...columns, 'Vite page', 'its files', 'plain page', 'its files'].join(' | ')} |`);
console.log(`|${' --- |'.repeat(10)}`);
try {
  for (const version of flags.nodes.split(',')) {
    const env = environmentWithNode(work, version);
    for (const manager of chosen) await tryManager(manager, version, env);
  }
} finally {
  await browser.close();
  registry.close();
  rmSync(work, { recursive: true, force: true });
}

/**
 * @param {import('./package-managers.mjs').PackageManager} manager
 * @param {string} version
 * @param {NodeJS.ProcessEnv} env
 */
async function tryManager({ name, command, add, manifest, configure }, version, env) {
  const folder = mkdtempSync(path.join(work, 'project-'));
  const stranger = { name: 'stranger', version: '1.0.0', type: 'module', ...manifest?.(version) };
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(stranger));
  writeFileSync(path.join(folder, 'program.mjs'), program);
  configure(folder, registry.url);
  try {
    const install = await runAsStranger([...command, ...add, ...needed, bundler], folder, env);
    const size = countBytes(path.join(folder, 'node_modules'));
    await runAsStranger([gradcam, 'fetch', 'demo-resnet', '--quiet'], folder, env);
    const explained = await explainByCommand(folder, env);
    const own = await runAsStranger(['node', 'program.mjs'], folder, env);
    checkPeak('cat', JSON.parse(own.said));
    const times = [explained.seconds, own.seconds].map((one) => `${one.toFixed(1)} s`);
    const pages = [await tryVite(folder, env), await tryPlainPage(folder)].flatMap((page) => [
      `${page.seconds.toFixed(1)} s`,
      `${page.requests}, ${(page.bytes / 1e6).toFixed(1)} MB`,
    ]);
    const first = [
      name,
      version,
      `${install.seconds.toFixed(0)} s`,
      `${(size / 1e6).toFixed(0)} MB`,
    ];
    console.log(`| ${[...first, ...times, ...pages].join(' | ')} |`);
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    console.log(`| ${name} | ${version} | failed: ${message.split('\n').slice(0, 9).join(' ')} |`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function explainByCommand(folder, env) {
  const options = ['--model', 'demo-resnet', '--target', 'cat', '--out', 'run', '--json'];
  const explained = await runAsStranger([gradcam, 'explain', scene, ...options], folder, env);
  checkPeak('cat', JSON.parse(explained.said).explanations[0].peak);
  const { engine } = JSON.parse(readFileSync(path.join(folder, 'run/run.json'), 'utf8'));
  if (engine !== 'onnx-cpu') throw new Error(`expected engine onnx-cpu, found ${engine}`);
  return explained;
}

/**
 * The page of examples/bundled-page, in the page itself and in a worker.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function tryVite(folder, env) {
  const page = path.join(folder, 'vite');
  cpSync(path.join(examples, 'bundled-page'), page, { recursive: true });
  cpSync(path.join(folder, scene), path.join(page, 'public/cat-and-dog.png'));
  cpSync(path.join(folder, 'models'), path.join(page, 'public'), { recursive: true });
  await runAsStranger([path.join('..', 'node_modules', '.bin', 'vite'), 'build'], page, env);
  const report = await drivePage(browser, path.join(page, 'dist'), '', ['#here', '#in-worker']);
  checkSaid('cat', String(report.said[0]));
  checkSaid('dog', String(report.said[1]));
  return report;
}

/**
 * The page of examples/page-without-bundler, with the folder of the project as static files.
 *
 * @param {string} folder
 */
async function tryPlainPage(folder) {
  cpSync(path.join(examples, 'page-without-bundler'), path.join(folder, 'page'), {
    recursive: true,
  });
  const address = `page/?image=/${scene}&model=/models/demo-resnet/&class=cat`;
  const report = await drivePage(browser, folder, address, ['#here']);
  checkSaid('cat', String(report.said[0]));
  return report;
}
