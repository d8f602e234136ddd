// @ts-check
// Usage: node tools/verify/install-with-npm-10.mjs
// Installs ONNX Runtime alone, as package-lock.json has it, with npm 10, which comes with Node 20 and 22 and
// does not know `allowScripts`. It fails if npm runs the package's install script, which downloads hundreds
// of megabytes of CUDA files and ends the whole installation if it cannot.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PACKAGE = 'onnxruntime-node';

/** @typedef {{ version: string, dependencies?: Record<string, string> }} Locked */

const { packages } = /** @type {{ packages: Record<string, Locked> }} */ (
  JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'))
);

/** The package and everything that it depends on, by their paths in the lock file. */
const needed = new Set([`node_modules/${PACKAGE}`]);
for (const place of needed) {
  for (const name of Object.keys(packages[place]?.dependencies ?? {})) {
    const own = `${place}/node_modules/${name}`;
    needed.add(own in packages ? own : `node_modules/${name}`);
  }
}

const manifest = {
  name: 'install-with-npm-10',
  dependencies: { [PACKAGE]: packages[`node_modules/${PACKAGE}`]?.version },
};
const lock = {
  name: manifest.name,
  lockfileVersion: 3,
  requires: true,
  packages: { '': manifest, ...Object.fromEntries([...needed].map((at) => [at, packages[at]])) },
};

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-install-'));
try {
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(path.join(folder, 'package-lock.json'), JSON.stringify(lock));
  const args = ['--yes', 'npm@10', 'ci', '--prefer-offline', '--no-audit', '--no-fund'];
  execFileSync('npx', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const native = files.filter((name) => /onnxruntime_(binding|providers)/.test(name));
  const downloaded = native.filter((name) => name.includes('providers'));
  if (downloaded.length > 0)
    throw new Error(`its install script downloaded ${downloaded.join(', ')}`);
  if (native.length === 0) throw new Error(`${PACKAGE} is not there`);
  console.log(`npm 10 installs ${needed.size} packages, and runs no script of ${PACKAGE}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
