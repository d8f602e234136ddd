// @ts-check
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Milliseconds between two readings of the memory. A shorter peak is missed. */
const INTERVAL = 10;

/**
 * Runs a program and measures its anonymous memory, which does not include mapped files. The measurement is
 * made from outside, because a native call blocks the program itself.
 *
 * @param {string[]} args of Node
 * @returns {Promise<{ lines: string[], peakMegabytes: number, seconds: number } | null>} null where
 * the system has no `/proc`.
 */
export async function watchProgram(args) {
  if (process.platform !== 'linux') return null;
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let peak = 0;
  const timer = setInterval(() => {
    try {
      peak = Math.max(peak, anonymousBytes(child.pid ?? 'self'));
    } catch {
      // The program ended between two readings.
    }
  }, INTERVAL);
  const lines = [];
  const closed = new Promise((resolve) => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const status = await closed;
  clearInterval(timer);
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}`);
  return { lines, peakMegabytes: peak / 1e6, seconds: (performance.now() - start) / 1000 };
}

/** `RssAnon` of a process. @param {number | 'self'} pid @returns {number} bytes */
export function anonymousBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}
