// @ts-check
/**
 * Puts jobs of shared runs through the real queue, with workers that do nothing, and measures how many a
 * second the server takes and how much memory it needs: node tools/bench/million-jobs.mjs [--jobs 1000000]
 * [--concurrency 64]. Needs redis-server and `npm run build`.
 */
import { enqueue, openQueue, QUEUE_NAME, QUEUE_PREFIX } from '@gradcam/service/fleet';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startRedis } from '../torture/fleet/redis-server.mjs';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '1000000' },
    concurrency: { type: 'string', default: '64' },
  },
});
const [jobs, concurrency] = [Number(values.jobs), Number(values.concurrency)];
// The libraries are those of the service, whatever else is installed.
const require = createRequire(new URL('../../packages/service/package.json', import.meta.url));
const { Redis } = require('ioredis');
const { Worker } = require('bullmq');

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-jobs-'));
const server = await startRedis(path.join(folder, 'redis'));
const port = Number(new URL(server.address).port);
const redis = new Redis({ port, maxRetriesPerRequest: null });
const memory = async () => Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? NaN);
try {
  const before = await memory();
  const queue = openQueue(redis);
  const started = performance.now();
  await enqueue(queue, makeJobs(), new AbortController().signal);
  const addSeconds = (performance.now() - started) / 1000;
  const bytesEach = ((await memory()) - before) / jobs;
  const began = performance.now();
  let done = 0;
  await new Promise((resolve) => {
    const worker = new Worker(
      QUEUE_NAME,
      async () => {
        done += 1;
        if (done === jobs) setTimeout(() => void worker.close().then(() => resolve(null)), 100);
      },
      { connection: redis, prefix: QUEUE_PREFIX, concurrency },
    );
  });
  const workSeconds = (performance.now() - began) / 1000;
  const cpu = process.cpuUsage();
  const used = /used_cpu_user:([\d.]+)/.exec(await redis.info('cpu'))?.[1];
  process.stdout.write(
    `${JSON.stringify({
      jobs,
      addedPerSecond: Math.round(jobs / addSeconds),
      donePerSecond: Math.round(jobs / workSeconds),
      serverBytesPerJob: Math.round(bytesEach),
      programCpuSeconds: (cpu.user + cpu.system) / 1e6,
      serverCpuSeconds: Number(used),
      memoryAfter: await memory(),
    })}\n`,
  );
  await queue.close();
} finally {
  redis.disconnect();
  await server.kill();
  rmSync(folder, { recursive: true, force: true });
}

function* makeJobs() {
  const plan = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  for (let part = 0; part < jobs; part++) {
    yield { run: 'runs/imagenet-2026', plan, part, at: part * 6000, bytes: 6000 };
  }
}
