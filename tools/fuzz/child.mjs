// @ts-check
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HEAP_MIB } from './limits.mjs';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
/** A mutant that is at work for so long is not coming back; mutants of 1 s are findings already. */
const STUCK_MS = 40_000;
/** Until the first mutant: engines are loaded, all seeds are read twice. */
const START_MS = 300_000;
const POLL_MS = 2000;

/** A worker that ended or had to be ended, and the mutant that it was at; -1 where none had begun. */
export class ChildLost extends Error {
  /**
   * @param {string} reason
   * @param {number} number
   */
  constructor(reason, number) {
    super(reason);
    this.name = 'ChildLost';
    this.number = number;
  }
}

/**
 * @typedef {object} Child
 * @property {<T>(job: import('./worker.mjs').BatchJob | import('./worker.mjs').SingleJob) => Promise<T>} ask
 *   throws ChildLost
 * @property {() => void} end
 */

/**
 * Starts a process for mutants, nicer than what else the machine does.
 *
 * @returns {Child}
 */
export function startChild() {
  // Of its own, so that all that it leaves behind goes with it, however it ends.
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-fuzz-'));
  const heartbeat = path.join(folder, 'at-work');
  const child = fork(WORKER, [heartbeat], {
    execArgv: [`--max-old-space-size=${HEAP_MIB}`, '--expose-gc'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    env: { ...process.env, TMPDIR: folder },
  });
  const at = () => {
    const text = readText(heartbeat);
    return text === '' ? -1 : parseInt(text, 10);
  };
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let ended = '';
  child.once('exit', (code, signal) => {
    ended = `the process ended by ${signal ?? `code ${code}`}`;
  });
  return {
    ask: (job) =>
      new Promise((resolve, reject) => {
        if (ended !== '') return reject(new ChildLost(ended, at()));
        let last = '';
        let since = performance.now();
        const poll = setInterval(() => {
          const now = readText(heartbeat);
          if (now !== last) since = performance.now();
          last = now;
          const patience = now === '' ? START_MS : STUCK_MS;
          if (performance.now() - since > patience) lose(`no answer within ${patience / 1000} s`);
        }, POLL_MS);
        const settle = () => {
          clearInterval(poll);
          child.off('message', answer);
          child.off('exit', exit);
        };
        /** @param {string} reason */
        const lose = (reason) => {
          settle();
          const number = at();
          child.kill('SIGKILL');
          reject(new ChildLost(reason, number));
        };
        /** @param {unknown} reply */
        const answer = (reply) => {
          settle();
          // A fault of the fuzzer itself: the campaign ends with it.
          const { failed } = /** @type {{ failed?: string }} */ (reply);
          if (failed === undefined) resolve(/** @type {never} */ (reply));
          else reject(new Error(failed));
        };
        const exit = () => lose(ended);
        child.on('message', answer);
        child.on('exit', exit);
        child.send(job);
      }),
    end() {
      if (ended === '') child.once('exit', remove);
      else remove();
      child.kill('SIGKILL');
    },
  };
}

/** @param {string} file */
function readText(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
