// @ts-check
import { spawn } from 'node:child_process';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../../packages/cli/bin/gradcam.mjs', import.meta.url));
const hook = new URL('./die-at-image.mjs', import.meta.url).href;

/**
 * @typedef {object} Ended
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 * @property {string} stderr
 *
 * @typedef {object} Started
 * @property {import('node:child_process').ChildProcess} child
 * @property {Promise<Ended>} done
 */

/**
 * Starts the real command in a folder.
 *
 * @param {string} cwd
 * @param {readonly string[]} args
 * @param {{ readonly diesAtPoison?: boolean }} [how]
 * @returns {Started}
 */
export function start(cwd, args, { diesAtPoison = false } = {}) {
  const flags = diesAtPoison ? ['--import', hook] : [];
  const child = spawn(process.execPath, [...flags, command, ...args], {
    cwd,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const done = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stderr }));
  });
  return { child, done };
}

/**
 * A process that is started again whenever it ends, as a cluster does.
 *
 * @typedef {object} Kept
 * @property {() => number} starts how often it was started
 * @property {(signal: NodeJS.Signals) => boolean} send
 * @property {() => Promise<void>} end
 */

/**
 * @param {() => Started} again
 * @returns {Kept}
 */
export function keepRunning(again) {
  let isEnding = false;
  let count = 0;
  /** @type {Started} */
  let current;
  const loop = (async () => {
    while (!isEnding) {
      current = again();
      count += 1;
      await current.done;
      if (!isEnding) await wait(100);
    }
  })();
  return {
    starts: () => count,
    send: (signal) => current.child.kill(signal),
    async end() {
      isEnding = true;
      current.child.kill('SIGCONT');
      current.child.kill('SIGTERM');
      await loop;
    },
  };
}
