// @ts-check
/**
 * Runs the code blocks of the documentation as a reader would, page by page, each page in a folder of its own
 * that has the files which the page calls the reader's own (`docs/stages.mjs`). The address that
 * `gradcam view` prints is asked for once. Blocks that a test runs, and those with a reason, are left out.
 *
 * Usage: npm run build && node tools/verify/run-docs.mjs [page or source file ..]
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listDocumented, readBlocks } from '../docs/code-blocks.mjs';
import { stages } from './docs/stages.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { pages, sources } = listDocumented(root);
const asked = process.argv.slice(2);
const files = [...pages, ...sources].filter((file) => asked.length === 0 || asked.includes(file));
// Inside of the repository, so that the imports of programs resolve as a user's would.
const work = mkdtempSync(path.join(root, 'tools/test/.readme-docs-'));
const failures = [];
const counts = { run: 0, byTests: 0, withReason: 0 };

try {
  const shims = writeShims(path.join(work, 'bin'));
  for (const file of files) {
    const blocks = readBlocks(root, file);
    if (blocks.length === 0) continue;
    const stage = stages[file] ?? {};
    const folder = mkdtempSync(path.join(work, 'page-'));
    const own = blocks.filter(({ test, reason }) => test === null && reason === null);
    counts.byTests += blocks.filter(({ test }) => test !== null).length;
    counts.withReason += blocks.filter(({ reason }) => reason !== null).length;
    if (own.length > 0) setUp(folder, stage, shims);
    for (const block of own) {
      const started = Date.now();
      const { status, output } = runBlock(block, folder, stage, shims);
      const seconds = ((Date.now() - started) / 1000).toFixed(0);
      counts.run++;
      console.log(`${status === 0 ? 'ok' : 'FAILED'} ${file}:${block.line} (${seconds} s)`);
      if (status === 0) continue;
      failures.push(`${file}:${block.line}`);
      console.log(output.trimEnd().replaceAll(/^/gm, '    '));
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(
  `${counts.run} blocks run, ${failures.length} failed; ${counts.byTests} are run by tests, ${counts.withReason} have a reason`,
);
if (failures.length > 0) process.exitCode = 1;

/** @param {string} folder @param {import('./docs/stages.mjs').Stage} stage @param {string} shims */
function setUp(folder, { put = {}, write = {}, lines = [] }, shims) {
  for (const [name, from] of Object.entries(put)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    cpSync(path.join(root, from), path.join(folder, name), { recursive: true });
  }
  for (const [name, text] of Object.entries(write)) writeFileSync(path.join(folder, name), text);
  for (const line of lines) execFileSync('bash', ['-c', line], inFolder(folder, shims));
}

/** @param {string} folder @param {string} shims */
function inFolder(folder, shims) {
  const search = `${shims}${path.delimiter}${process.env['PATH']}`;
  return {
    cwd: folder,
    encoding: /** @type {const} */ ('utf8'),
    env: { ...process.env, PATH: search },
  };
}

/**
 * @param {import('../docs/code-blocks.mjs').CodeBlock} block
 * @param {string} folder
 * @param {import('./docs/stages.mjs').Stage} stage
 * @param {string} shims
 */
function runBlock({ language, code, line }, folder, { first = '' }, shims) {
  const program = path.join(folder, `block-${line}.mjs`);
  if (language !== 'sh') {
    // What a program takes as given stands in a scope around it, so that the program may declare it itself.
    const imports = code.split('\n').filter((text) => text.startsWith('import '));
    const rest = code.split('\n').filter((text) => !text.startsWith('import '));
    const scopes = `{\n${first}{\n${rest.join('\n')}\n}\n}\n`;
    writeFileSync(program, `${imports.join('\n')}\n${scopes}`);
  }
  const [name, args] =
    language === 'sh'
      ? ['bash', ['-e', '-o', 'pipefail', '-c', code]]
      : [process.execPath, [program]];
  const { status, stdout, stderr } = spawnSync(name, args, inFolder(folder, shims));
  return { status, output: stdout + stderr };
}

/**
 * Writes `gradcam` and `npx` as a shell finds them after an installation.
 *
 * @param {string} folder
 */
function writeShims(folder) {
  mkdirSync(folder);
  const gradcam = fileURLToPath(new URL('docs/gradcam-shim.mjs', import.meta.url));
  const shims = {
    gradcam: `exec node "${gradcam}" "$@"`,
    npx: 'if [ "$1" != gradcam ]; then echo "npx $1 is not run here" >&2; exit 1; fi; shift; exec gradcam "$@"',
  };
  for (const [name, text] of Object.entries(shims)) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(folder, name), 0o755);
  }
  return folder;
}
