// @ts-check
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/**
 * Runs a program to its end.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {string} [input]
 * @returns {Promise<import('./timing.mjs').Cost>} the CPU time is NaN where the system has no `/proc`.
 */
export async function runProgram(file, args, input = '') {
  const start = performance.now();
  const before = cpuOfChildren();
  await new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(undefined);
      else reject(new Error(`${file} ${args.join(' ')} exited with ${status}`));
    });
    child.stdin.end(input);
  });
  return { wall: performance.now() - start, cpu: cpuOfChildren() - before };
}

/**
 * Milliseconds of CPU time of all child processes that have ended, in steps of 10; NaN where the system has
 * no `/proc`.
 */
export function cpuOfChildren() {
  if (!existsSync('/proc/self/stat')) return NaN;
  const text = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program, in parentheses, may hold blanks.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return 10 * (Number(fields[13]) + Number(fields[14]));
}
