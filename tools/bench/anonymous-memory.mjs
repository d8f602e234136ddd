// @ts-check
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Milliseconds between two readings of the memory. A shorter peak is missed. */
const INTERVAL = 10;

/**
 * Runs a program and measures its anonymous memory and that of its child processes, which does not include
 * mapped files. The measurement is made from outside, because a native call blocks the program itself.
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
    const processes = listTree(String(child.pid));
    peak = Math.max(
      peak,
      processes.reduce((sum, pid) => sum + (attempt(() => anonymousBytes(pid)) ?? 0), 0),
    );
  }, INTERVAL);
  const lines = [];
  const closed = new Promise((resolve) => child.on('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const status = await closed;
  clearInterval(timer);
  if (status !== 0) throw new Error(`node ${args.join(' ')} exited with ${status}`);
  return { lines, peakMegabytes: peak / 1e6, seconds: (performance.now() - start) / 1000 };
}

/** `RssAnon` of a process. @param {string} pid or `self` @returns {number} bytes */
export function anonymousBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** A process and everything that it started. @param {string} pid @returns {string[]} */
function listTree(pid) {
  const threads = attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [];
  const children = threads.flatMap((thread) => {
    const list = attempt(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')) ?? '';
    return list.split(' ').filter((child) => child !== '');
  });
  return [pid, ...children.flatMap(listTree)];
}

/**
 * The result of a function; null for a process that ended between two readings.
 *
 * @template T
 * @param {() => T} read
 */
function attempt(read) {
  try {
    return read();
  } catch {
    return null;
  }
}
