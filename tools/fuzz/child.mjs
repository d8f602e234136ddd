// @ts-check
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { HEAP_MIB } from './limits.mjs';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));
/**
 * A process that works on one mutant for this long will not finish. Mutants that take 1 s are findings
 * already.
 */
const STUCK_MS = 40_000;
/** The time until the first mutant, in which engines are loaded and all seeds are read twice. */
const START_MS = 300_000;
const POLL_MS = 2000;

/**
 * Thrown if a worker ended or had to be ended. It holds the number of the mutant at work, or -1 if none had
 * begun.
 */
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
 * Starts a process for mutants, with a lower priority than other work on the machine.
 *
 * @returns {Child}
 */
export function startChild() {
  // The process has its own temporary folder, so that everything that it leaves behind is removed with it,
  // however it ends.
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
          // This is a fault of the fuzzer itself, so the campaign ends.
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
