// @ts-check
// Usage: node tools/release/pack.mjs <folder> [platform ..]
// Writes the packages as they are published, as tarballs, into a folder: those of packages/,
// @gradcam/browser for pages without a bundler, and for each platform (default: all) the one with ONNX
// Runtime for it. They must be built: npm run build.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { platforms, publishedManifest } from './published-manifest.mjs';
import { runtimeVersion, writeRuntime } from './write-runtime.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The folders of the packages that are published. */
export const published = ['core', 'converter', 'runs', 'service', 'viewer', 'cli'];

/** A file of each package that only a build writes. */
const built = { cli: 'bundle/main.js', viewer: 'dist/index.html', service: 'dist/http/index.js' };

/**
 * A tarball, with its sizes in bytes.
 *
 * @typedef {{ name: string, version: string, file: string, size: number, unpackedSize: number,
 *   files: readonly string[] }} Packed
 */

/**
 * @param {string} to
 * @param {readonly string[]} [forPlatforms]
 * @returns {Packed[]}
 */
export function packAll(to, forPlatforms = platforms) {
  mkdirSync(to, { recursive: true });
  const stage = mkdtempSync(path.join(tmpdir(), 'gradcam-pack-'));
  try {
    for (const name of published) {
      const needed = built[/** @type {keyof typeof built} */ (name)];
      stagePackage(path.join(root, 'packages', name), path.join(stage, name), needed);
    }
    const runtimes = forPlatforms.map((platform) => {
      const name = `onnxruntime-${platform}`;
      writeRuntime(platform, path.join(stage, name));
      return name;
    });
    const writeBrowser = fileURLToPath(new URL('write-browser-package.mjs', import.meta.url));
    execFileSync(process.execPath, [writeBrowser, path.join(stage, 'browser')], {
      stdio: 'ignore',
    });
    const folders = [...published, 'browser', ...runtimes].map((name) => path.join(stage, name));
    return runPack(folders, path.resolve(to));
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/**
 * Copies a package, so that its `package.json` can be changed while others work with it. npm then chooses the
 * files, by the field `files`.
 *
 * @param {string} source
 * @param {string} folder
 * @param {string} [needed]
 */
function stagePackage(source, folder, needed = 'dist/index.js') {
  if (!existsSync(path.join(source, needed))) {
    throw new Error(`${path.join(source, needed)} is missing; run: npm run build`);
  }
  const left = ['node_modules', 'test', 'dist-test'].map((name) => path.join(source, name));
  cpSync(source, folder, { recursive: true, filter: (file) => !left.includes(file) });
  const manifest = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'));
  writeFileSync(
    path.join(folder, 'package.json'),
    `${JSON.stringify(publishedManifest(manifest, runtimeVersion), null, 2)}\n`,
  );
}

/** @typedef {Omit<Packed, 'file' | 'files'> & { filename: string, files: { path: string }[] }} Answer */

/**
 * Packs all folders by one call of npm, which takes a second to start.
 *
 * @param {readonly string[]} folders
 * @param {string} to
 * @returns {Packed[]}
 */
function runPack(folders, to) {
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', to, ...folders];
  const said = execFileSync('npm', args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    // On Windows, npm is a script of the shell.
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // npm 10 answers with a list, npm 11 with a record of names.
  const answers = /** @type {Answer[]} */ (Object.values(JSON.parse(said)));
  return answers.map(({ name, version, filename, size, unpackedSize, files }) => ({
    ...{ name, version, size, unpackedSize },
    file: path.join(to, filename),
    files: files.map((one) => one.path),
  }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [to, ...chosen] = process.argv.slice(2);
  if (to === undefined)
    throw new Error('usage: node tools/release/pack.mjs <folder> [platform ..]');
  const unknown = chosen.filter((one) => !platforms.some((known) => known === one));
  if (unknown.length > 0) {
    throw new Error(`no platform ${unknown.join(', ')}; known: ${platforms.join(', ')}`);
  }
  for (const { name, version, size, unpackedSize, file } of packAll(
    to,
    chosen.length > 0 ? chosen : platforms,
  )) {
    const megabytes = [size, unpackedSize].map((bytes) => (bytes / 1e6).toFixed(2));
    console.log(
      `${name}@${version}: ${megabytes.join(' MB packed, ')} MB unpacked, ${path.basename(file)}`,
    );
  }
}
