// @ts-check
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { runtimeName } from './published-manifest.mjs';

const require = createRequire(import.meta.url);
const source = path.dirname(require.resolve('onnxruntime-node/package.json'));

/**
 * @typedef {{ version: string, main: string, types: string,
 *   dependencies: Record<string, string> }} Original
 */

/** @type {Original} */
const original = JSON.parse(readFileSync(path.join(source, 'package.json'), 'utf8'));

/** The version of `onnxruntime-node` in this repository. */
export const runtimeVersion = original.version;

/**
 * Writes a package with the files of `onnxruntime-node` for one platform. It has no install script: the
 * original's downloads files for CUDA on Linux, and ends the installation where it cannot.
 *
 * @param {string} platform such as `linux-x64`
 * @param {string} folder where the package is written
 */
export function writeRuntime(platform, folder) {
  const [os, cpu] = /** @type {[string, string]} */ (platform.split('-'));
  const binaries = path.join('bin', 'napi-v6', os, cpu);
  mkdirSync(folder, { recursive: true });
  for (const part of ['dist', binaries]) {
    cpSync(path.join(source, part), path.join(folder, part), {
      recursive: true,
      filter: (file) => !file.endsWith('.map'),
    });
  }
  const manifest = {
    name: runtimeName(platform),
    version: runtimeVersion,
    description: `onnxruntime-node ${runtimeVersion} for ${platform}, without an install script`,
    license: 'MIT',
    os: [os],
    cpu: [cpu],
    // Its builds for Linux need the GNU C library.
    ...(os === 'linux' && { libc: ['glibc'] }),
    main: original.main,
    types: original.types,
    files: ['dist', 'bin', 'LICENSE'],
    dependencies: { 'onnxruntime-common': original.dependencies['onnxruntime-common'] },
  };
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const licence = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8');
  writeFileSync(
    path.join(folder, 'LICENSE'),
    licence.replace(/Copyright .*/, 'Copyright (c) Microsoft Corporation'),
  );
  writeFileSync(
    path.join(folder, 'README.md'),
    `# ${manifest.name}\n\n${manifest.description}. Its files are those of the npm package \`onnxruntime-node\`, unchanged, for the command \`gradcam\` of \`@gradcam/cli\`.\n`,
  );
}
