// @ts-check
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Runs a program without blocking this process, which may serve the registry that the program asks.
 *
 * @param {readonly string[]} command
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ said: string, seconds: number }>}
 * @throws {Error} with the end of what the program said.
 */
export async function runAsStranger([file = '', ...args], cwd, env) {
  const start = performance.now();
  const said = await new Promise((resolve, reject) => {
    const options = /** @type {const} */ ({ cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26 });
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const end = `${stdout}${stderr}`.trim().slice(-600);
      reject(new Error(`${path.basename(file)} ${args.slice(0, 4).join(' ')}: ${end}`));
    });
  });
  return { said: String(said), seconds: (performance.now() - start) / 1000 };
}

/**
 * The environment of a program that runs on a version of Node, which is installed from npm's package `node`.
 *
 * @param {string} folder
 * @param {string} version
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentWithNode(folder, version) {
  const place = path.join(folder, `node-${version}`);
  mkdirSync(place);
  writeFileSync(path.join(place, 'package.json'), '{}');
  const install = ['install', '--no-audit', '--no-fund', `node@${version}`];
  execFileSync('npm', install, { cwd: place, stdio: 'ignore' });
  const bin = path.join(place, 'node_modules', 'node', 'bin');
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env['PATH']}` };
}

/**
 * The bytes of all files below a folder, without what its links lead to.
 *
 * @param {string} folder
 * @returns {number}
 */
export function countBytes(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return sum + countBytes(file);
    return sum + (entry.isFile() ? statSync(file).size : 0);
  }, 0);
}
