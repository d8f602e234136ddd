// @ts-check
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { environmentOf } from './site.mjs';

/**
 * How a command ended.
 *
 * @typedef {object} Ending
 * @property {number | null} code null when a signal ended it
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} ms
 * @property {boolean} hung it was ended after {@link PATIENCE_MS}
 *
 * @typedef {object} Running
 * @property {import('node:child_process').ChildProcess} child
 * @property {Promise<Ending>} done
 */

/**
 * The time after which a command is ended. The commands here take a second or two, and more on a busy
 * machine.
 */
const PATIENCE_MS = 120_000;

const root = fileURLToPath(new URL('../..', import.meta.url));
const command = path.join(root, 'packages/cli/bin/gradcam.mjs');
const preload = new URL('./failing-calls.mjs', import.meta.url).href;

/** The commands that are running at this moment. */
const running = new Set();

/**
 * Starts the real command.
 *
 * @param {import('./site.mjs').Site} site
 * @param {readonly string[]} args
 * @param {object} [how]
 * @param {import('./failing-calls.mjs').Plan} [how.plan] the faults of its calls to the file system
 * @param {number} [how.fileBytes] no file may become larger (RLIMIT_FSIZE); the command then sees EFBIG
 * @param {Readonly<Record<string, string>>} [how.env]
 * @returns {Running}
 */
export function startCommand(site, args, { plan, fileBytes, env = {} } = {}) {
  const flags = plan === undefined ? [] : ['--import', preload];
  const line = [process.execPath, ...flags, command, ...args];
  if (fileBytes !== undefined) line.unshift('prlimit', `--fsize=${fileBytes}`);
  const [program = '', ...rest] = line;
  const started = performance.now();
  const child = spawn(program, rest, {
    cwd: site.work,
    env: {
      ...environmentOf(site),
      ...env,
      ...(plan === undefined ? {} : { GRADCAM_TORTURE_PLAN: JSON.stringify(plan) }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let [stdout, stderr, hung] = ['', '', false];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const patience = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, PATIENCE_MS);
  /** @type {Promise<Ending>} */
  const done = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(patience);
      running.delete(child);
      resolve({ code, signal, stdout, stderr, hung, ms: performance.now() - started });
    });
  });
  return { child, done };
}

/**
 * Runs the command to its end.
 *
 * @param {Parameters<typeof startCommand>} given
 */
export function runCommand(...given) {
  return startCommand(...given).done;
}

/** Ends the commands that are still running when the script itself is interrupted. */
export function endCommands() {
  for (const child of running) child.kill('SIGKILL');
}
