// @ts-check
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));

/**
 * A `gradcam serve` in a process of its own.
 *
 * @typedef {{ url: string, child: import('node:child_process').ChildProcess, read(): Promise<Readings>,
 * settle(): Promise<void>, stop(): Promise<void> }} RunningService
 *
 * `settle` waits until no request is being worked on, as after clients that left.
 *
 * What its metrics say: seconds of CPU time, seconds in each stage, bytes of resident memory, the number of
 * requests and runs, and the requests that wait or are worked on now.
 *
 * @typedef {{ cpu: number, stages: Readonly<Record<string, number>>, resident: number, requests: number,
 *   runs: number, waiting: number }} Readings
 */

/**
 * Starts the service on a free port and waits until it listens.
 *
 * @param {readonly string[]} flags
 * @param {Readonly<Record<string, string>>} [env] further variables of its environment
 * @returns {Promise<RunningService>}
 */
export async function startService(flags, env = {}) {
  const args = [command, 'serve', '--port', '0', '--quiet', ...flags];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const url = String(line).replace(/\/$/, '');
  const token = env['GRADCAM_TOKEN'];
  const headers = { ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const read = async () => parseMetrics(await (await fetch(`${url}/metrics`, { headers })).text());
  return {
    ...{ url, child, read },
    async settle() {
      while ((await read()).waiting > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    },
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** @param {string} text @returns {Readings} */
function parseMetrics(text) {
  /** @param {string} name */
  const find = (name) => {
    const row = text.split('\n').find((line) => line.startsWith(`${name} `));
    return Number(row?.split(' ').at(-1) ?? 0);
  };
  const stages = Object.fromEntries(
    ['decode', 'queue', 'engine', 'paint', 'encode'].map((stage) => [
      stage,
      find(`gradcam_stage_seconds_sum{stage="${stage}"}`),
    ]),
  );
  return {
    stages,
    cpu: find('process_cpu_seconds_total'),
    resident: find('process_resident_memory_bytes'),
    requests: find('gradcam_batch_size_sum'),
    runs: find('gradcam_batch_size_count'),
    waiting: find('gradcam_requests_waiting'),
  };
}
