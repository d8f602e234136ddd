// @ts-check
// Usage: node tools/verify/packed-packages.mjs [--only "npm 10,yarn 1"] [--nodes 20.19,22,24]
// Installs the published packages into empty folders with each package manager on each Node, as strangers do,
// and explains the demo scene with the command and with a program. Needs the npm registry and a build; takes
// a minute or two for each line. The Nodes are npm's own packages `node`.
import { execFile, execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packAll } from '../release/pack.mjs';
import { serveRegistry } from './local-registry.mjs';
import { packageManagers } from './package-managers.mjs';

const { values: flags } = parseArgs({
  options: { only: { type: 'string' }, nodes: { type: 'string', default: '20.19,22,24' } },
});
const chosen = packageManagers.filter(({ name }) => flags.only?.split(',').includes(name) ?? true);

/** The largest cell of the cat's map has to lie in the box of the cat, which the scene states. */
const scenes = JSON.parse(
  readFileSync(new URL('../../demo/scenes/scenes.json', import.meta.url), 'utf8'),
);
/** @type {{ x: number, y: number, width: number, height: number }} */
const box = scenes[0].objects.find(
  (/** @type {{ class: string }} */ one) => one.class === 'cat',
).box;

const program = `
import * as gradcam from '@gradcam/core/node';
import { writeFile } from 'node:fs/promises';

const scene = 'node_modules/@gradcam/cli/demo/scenes/cat-and-dog.png';
const cat = await gradcam.explain(scene, { model: 'demo-resnet', engine: 'wasm', targets: ['cat'] });
await writeFile('cat.png', await gradcam.overlayPng(cat));
console.log(JSON.stringify(cat.explanations[0].peak));
await gradcam.disposeModels();
`;
const needed = ['@gradcam/cli', '@gradcam/core', 'sharp'];
const forWasm = ['core', 'backend-cpu', 'backend-wasm'].map(
  (name) => `@tensorflow/tfjs-${name}@4.22.0`,
);

/** @param {{ x: number, y: number }} peak */
function checkPeak({ x, y }) {
  const isInside = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
  if (!isInside) throw new Error(`expected the peak in the cat's box, found ${x}, ${y}`);
}

/** @param {string} folder */
function countBytes(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stats = statSync(path.join(folder, name), { throwIfNoEntry: false });
    return sum + (stats?.isFile() === true ? stats.size : 0);
  }, 0);
}

/**
 * @param {string} folder
 * @param {string} version of Node
 */
function installNode(folder, version) {
  const place = path.join(folder, `node-${version}`);
  mkdirSync(place);
  writeFileSync(path.join(place, 'package.json'), '{}');
  execFileSync('npm', ['install', '--no-audit', '--no-fund', `node@${version}`], {
    cwd: place,
    stdio: 'ignore',
  });
  return path.join(place, 'node_modules', 'node', 'bin');
}

const work = mkdtempSync(path.join(tmpdir(), 'gradcam-packed-'));
const packed = packAll(path.join(work, 'tarballs'), [`${process.platform}-${process.arch}`]);
const registry = await serveRegistry(packed);
console.log(
  '| manager | Node | install, s | on disk, MB | command, s | program, s |\n| --- | --- | --- | --- | --- | --- |',
);
try {
  for (const version of flags.nodes.split(',')) {
    const bin = installNode(work, version);
    for (const manager of chosen) await tryManager(manager, version, bin);
  }
} finally {
  registry.close();
  rmSync(work, { recursive: true, force: true });
}

/**
 * @param {import('./package-managers.mjs').PackageManager} manager
 * @param {string} version
 * @param {string} bin
 */
async function tryManager({ name, command, add, configure }, version, bin) {
  const folder = mkdtempSync(path.join(work, 'project-'));
  writeFileSync(
    path.join(folder, 'package.json'),
    '{ "name": "stranger", "version": "1.0.0", "type": "module" }',
  );
  writeFileSync(path.join(folder, 'program.mjs'), program);
  configure(folder, registry.url);
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
  const run = (/** @type {readonly string[]} */ [file, ...args]) =>
    asStranger(String(file), args, folder, env);
  try {
    const install = await run([...command, ...add, ...needed, ...forWasm]);
    const size = countBytes(path.join(folder, 'node_modules'));
    const gradcam = path.join('node_modules', '.bin', 'gradcam');
    await run([gradcam, 'fetch', 'demo-resnet', '--quiet']);
    const scene = 'node_modules/@gradcam/cli/demo/scenes/cat-and-dog.png';
    const explained = await run([
      gradcam,
      'explain',
      scene,
      '--model',
      'demo-resnet',
      '--target',
      'cat',
      '--out',
      'run',
      '--json',
    ]);
    checkPeak(JSON.parse(explained.said).explanations[0].peak);
    const { engine } = JSON.parse(readFileSync(path.join(folder, 'run/run.json'), 'utf8'));
    if (engine !== 'onnx-cpu') throw new Error(`expected engine onnx-cpu, found ${engine}`);
    const own = await run([path.join(bin, 'node'), 'program.mjs']);
    checkPeak(JSON.parse(own.said));
    const seconds = [install, explained, own].map((one) => one.seconds.toFixed(1));
    console.log(
      `| ${name} | ${version} | ${seconds[0]} | ${(size / 1e6).toFixed(0)} | ${seconds[1]} | ${seconds[2]} |`,
    );
  } catch (error) {
    console.log(
      `| ${name} | ${version} | failed: ${/** @type {Error} */ (error).message.split('\n').slice(0, 6).join(' ')} |`,
    );
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a program without blocking this process, which serves the registry.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ said: string, seconds: number }>}
 */
async function asStranger(file, args, cwd, env) {
  const start = performance.now();
  const said = await new Promise((resolve, reject) => {
    execFile(
      file,
      args,
      { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(
            new Error(
              `${path.basename(file)} ${args.slice(0, 4).join(' ')}: ${`${stdout}${stderr}`.trim().slice(-600)}`,
            ),
          );
      },
    );
  });
  return { said: String(said), seconds: (performance.now() - start) / 1000 };
}
