// @ts-check
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '../torture/fleet/redis-server.mjs';
import { writePhotos } from './photos.mjs';
import { cpuOfChildren, runProgram } from './run-program.mjs';
import { compareCosts, describeTimes, race } from './timing.mjs';

const command = fileURLToPath(new URL('../../packages/cli/bin/gradcam.mjs', import.meta.url));

// The client of Redis is the service's, whatever else is installed.
const require = createRequire(new URL('../../packages/service/package.json', import.meta.url));
const { Redis } = require('ioredis');

/** Different pictures; the others are the same files under other names. */
const PICTURES = 50;

/**
 * Measures what the queue costs: a shared run with one worker on all cores beside a run of one process, and
 * two workers of half the cores each beside one worker on all of them. The three kinds of runs take turns.
 *
 * Each figure is of whole processes, from the start of `gradcam explain` to its end. The workers wait at the
 * queue when it starts, and have not loaded the model. The CPU time is that of all processes together, with
 * the server of the queue.
 *
 * @param {string} net
 * @param {string} model folder of the model
 * @param {{ images: number, rounds: number }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureFleet(net, model, { images, rounds }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-bench-'));
  await writeImages(folder, images);
  const cores = availableParallelism();
  const half = Math.max(1, Math.floor(cores / 2));
  const server = await startRedis(path.join(folder, 'redis'));
  const redis = new Redis(server.address, { maxRetriesPerRequest: null });
  /** Milliseconds of the server's CPU time so far. */
  const cpuOfServer = async () => {
    const text = String(await redis.info('cpu'));
    const read = (/** @type {string} */ name) =>
      Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? NaN);
    return 1000 * (read('used_cpu_user') + read('used_cpu_sys'));
  };
  let count = 0;
  /** @param {readonly string[]} flags */
  const explain = async (flags) => {
    const out = path.join(folder, `run-${count++}`);
    const args = ['explain', path.join(folder, 'photos'), '--model', path.resolve(model)];
    const cost = await runProgram(process.execPath, [
      ...[command, ...args, '--out', out, '--save', 'raw', '--quiet', ...flags],
    ]);
    rmSync(out, { recursive: true });
    return cost;
  };
  /** @param {number} workers @param {number} threads of each */
  const share = async (workers, threads) => {
    const [before, server] = [cpuOfChildren(), await cpuOfServer()];
    const fleet = Array.from({ length: workers }, () => {
      const flags = ['--queue', address, '--root', folder, '--threads', `${threads}`, '--quiet'];
      const args = [command, 'work', ...flags, '--model', path.resolve(model)];
      const child = spawn(process.execPath, args, { stdio: 'ignore' });
      return { child, ended: new Promise((resolve) => child.once('close', resolve)) };
    });
    // A worker has two connections, one of which waits for the next job.
    while (
      String(await redis.client('LIST'))
        .trim()
        .split('\n').length <
      1 + 2 * workers
    ) {
      await pause(50);
    }
    const { wall } = await explain(['--queue', address, '--root', folder]);
    for (const { child } of fleet) child.kill('SIGTERM');
    await Promise.all(fleet.map(({ ended }) => ended));
    return { wall, cpu: cpuOfChildren() - before + (await cpuOfServer()) - server };
  };
  const { address } = server;
  try {
    const costs = await race(
      {
        'one process': () => explain([]),
        'one worker': () => share(1, cores),
        'two workers': () => share(2, half),
      },
      rounds,
    );
    const detail = `${images} images, --save raw; ${describeTimes(costs)}`;
    yield {
      what: `one worker with all ${cores} cores / gradcam explain`,
      net,
      ...compareCosts(costs['one worker'], costs['one process']),
      target: '<= 1.05',
      detail,
    };
    yield {
      what: `two workers with ${half} core each / one worker with ${cores}`,
      net,
      ...compareCosts(costs['two workers'], costs['one worker']),
      target: '<= 1.05',
      detail,
    };
  } finally {
    redis.disconnect();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {number} ms @returns {Promise<void>} */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param {string} folder @param {number} count */
async function writeImages(folder, count) {
  const pictures = path.join(folder, 'pictures');
  await writePhotos(pictures, Math.min(PICTURES, count));
  const names = readdirSync(pictures);
  mkdirSync(path.join(folder, 'photos'));
  for (let i = 0; i < count; i++) {
    const name = `${String(i).padStart(5, '0')}.jpg`;
    const picture = path.join(pictures, names[i % names.length] ?? '');
    linkSync(picture, path.join(folder, 'photos', name));
  }
}
