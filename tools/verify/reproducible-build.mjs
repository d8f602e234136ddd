// @ts-check
// Usage: node tools/verify/reproducible-build.mjs
// Builds and packs the committed state twice, in two folders whose names differ in length, and compares the
// tarballs byte for byte. Both take the packages that are installed here. It takes some minutes.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = mkdtempSync(path.join(tmpdir(), 'gradcam-twice-'));
// No file of an earlier build is taken, and no service of Nx is left behind.
const env = { ...process.env, NX_DAEMON: 'false', NX_SKIP_NX_CACHE: 'true' };

/**
 * The digests of the tarballs of a fresh build.
 *
 * @param {string} folder
 * @returns {Map<string, string>}
 */
function buildAndPack(folder) {
  const run = (/** @type {string[]} */ [file = '', ...args], /** @type {string} */ cwd) =>
    execFileSync(file, args, {
      cwd,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run(['git', 'clone', '--quiet', '--no-hardlinks', root, folder], work);
  for (const place of ['.', 'packages/cli', 'packages/converter', 'packages/service', 'tools']) {
    linkPackages(path.join(root, place, 'node_modules'), path.join(folder, place, 'node_modules'));
  }
  run(['npm', 'run', 'build'], folder);
  const pack = "import('./tools/release/pack.mjs').then(({ packAll }) => packAll('tarballs', []))";
  run([process.execPath, '--eval', pack], folder);
  const digests = readdirSync(path.join(folder, 'tarballs')).map((file) => {
    const bytes = readFileSync(path.join(folder, 'tarballs', file));
    return /** @type {[string, string]} */ ([
      file,
      createHash('sha256').update(bytes).digest('hex'),
    ]);
  });
  rmSync(folder, { recursive: true });
  return new Map(digests);
}

/**
 * Links every package that is installed in a folder, but for ours, whose links lead to the clone.
 *
 * @param {string} from
 * @param {string} to
 */
function linkPackages(from, to) {
  if (!existsSync(from)) return;
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    const place = path.join(from, name);
    if (name === '@gradcam') {
      cpSync(place, path.join(to, name), { recursive: true, verbatimSymlinks: true });
    } else symlinkSync(place, path.join(to, name));
  }
}

try {
  const first = buildAndPack(path.join(work, 'a'));
  const second = buildAndPack(path.join(work, 'another-folder'));
  for (const [file, digest] of first) {
    const isSame = second.get(file) === digest;
    console.log(`${file}: ${isSame ? `the same bytes twice, sha256 ${digest}` : 'differs'}`);
    if (!isSame) process.exitCode = 1;
  }
  if (first.size === 0 || first.size !== second.size) throw new Error('the builds differ in files');
} finally {
  rmSync(work, { recursive: true, force: true });
}
