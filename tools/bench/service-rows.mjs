// @ts-check
import { loadModel } from '@gradcam/core';
import { openModelFolder } from '@gradcam/core/node';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openBareForward } from './bare-forward.mjs';
import { createEngine } from './create-engine.mjs';
import { startService } from './running-service.mjs';
import { race } from './timing.mjs';

// The load generator is a dependency of the service's tests.
const require = createRequire(new URL('../../packages/service/package.json', import.meta.url));
/** @type {typeof import('autocannon')} */
const autocannon = require('autocannon');

const scene = fileURLToPath(new URL('../../demo/scenes/cat-and-dog.png', import.meta.url));

/** Inputs in one run of the service's engine, and in one bare forward pass. */
const BATCH = 8;

/**
 * Measures the HTTP service under load: requests a second with 1, 8 and 64 clients, as JSON and as PNG,
 * beside a bare forward pass at the service's batch size; what becomes of 500 clients; and its memory.
 *
 * The requests a second times the seconds of the bare pass are 1 where the service costs nothing but the
 * pass. The bare pass is timed before and after each load. The same quotient in CPU time is the CPU time of
 * the bare pass by that of a request, in which other work on the machine counts less.
 *
 * @param {string} net
 * @param {string} folder of the model
 * @param {{ seconds: number, memoryRequests: number }} options
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
export async function* measureService(net, folder, { seconds, memoryRequests }) {
  const model = await loadModel(openModelFolder(folder), { engine: createEngine() });
  const bare = await openBareForward(net, model);
  const { height, width } = model.input;
  const values = new Float32Array(BATCH * height * width * 3).fill(0.5);
  const timeBare = async () => {
    const { bare: cost } = await race({ bare: () => bare.run(values, BATCH) }, 5);
    return { wall: cost.wall / BATCH / 1000, cpu: cost.cpu / BATCH / 1000 };
  };
  const flags = ['--models', path.dirname(folder), '--batch', String(BATCH)];
  const service = await startService(flags);
  const body = net.startsWith('demo-') ? readFileSync(scene) : await makePhoto();
  /** @param {{ connections: number, accept?: string, amount?: number }} load */
  const load = ({ connections, accept = 'application/json', amount }) =>
    autocannon({
      url: `${service.url}/v1/explain?model=${net}`,
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', accept },
      body,
      connections,
      timeout: 100,
      ...(amount === undefined ? { duration: seconds } : { amount }),
    });
  try {
    await load({ connections: 4, amount: 16 });
    for (const accept of ['application/json', 'image/png']) {
      for (const connections of [1, 8, 64]) {
        // A stated number of requests, all of which are answered. After a stated time, those in work would
        // have cost CPU time without being counted, with 64 clients a third as many as were counted.
        const few = await load({ connections, accept, amount: Math.max(8, 2 * connections) });
        const amount = Math.ceil((few['2xx'] / few.duration) * seconds);
        const before = await timeBare();
        const start = await service.read();
        const result = await load({
          connections,
          accept,
          amount: Math.max(amount, 4 * connections),
        });
        const end = await service.read();
        const after = await timeBare();
        yield describeLoad(net, { accept, connections, result, start, end, before, after });
      }
    }
    const crowd = await load({ connections: 500 });
    await service.settle();
    const { statusCodeStats = {}, errors, timeouts } = crowd;
    const seen = Object.entries(statusCodeStats).map(
      ([code, { count = 0 }]) => `${code}: ${count}`,
    );
    yield {
      what: '500 clients against a queue of 64, answers by status',
      net,
      value: seen.join(', '),
      target: '200 and 429 alone',
      detail: `${errors} errors, ${timeouts} timeouts`,
    };
    if (memoryRequests > 0) yield* measureMemory(net, memoryRequests, load, service);
  } finally {
    await service.stop();
    await bare.release();
    model.dispose();
  }
}

/** A picture as people send them: a JPEG of 500 x 375. */
async function makePhoto() {
  return sharp(scene).resize(500, 375, { fit: 'cover' }).jpeg({ quality: 90 }).toBuffer();
}

/**
 * @param {string} net
 * @param {{ accept: string, connections: number, result: import('autocannon').Result,
 * start: import('./running-service.mjs').Readings, end: import('./running-service.mjs').Readings,
 * before: import('./timing.mjs').Cost, after: import('./timing.mjs').Cost }} measured
 * @returns {import('./run-bench.mjs').Row}
 */
function describeLoad(net, { accept, connections, result, start, end, before, after }) {
  const requests = end.requests - start.requests;
  const rate = result['2xx'] / result.duration;
  const bare = (before.wall + after.wall) / 2;
  const cpu = (before.cpu + after.cpu) / 2;
  const own = (end.cpu - start.cpu) / requests;
  const spent = Object.entries(end.stages).map(([stage, total]) => {
    return /** @type {const} */ ([stage, total - (start.stages[stage] ?? 0)]);
  });
  const worked = spent.filter(([stage]) => stage !== 'queue');
  const sum = worked.reduce((all, [, time]) => all + time, 0);
  const shares = worked.map(([stage, time]) => `${stage} ${((100 * time) / sum).toFixed(0)} %`);
  const size = requests / (end.runs - start.runs);
  const failed = result.non2xx + result.errors + result.timeouts;
  return {
    what: `${accept}, ${connections} clients: requests/s x seconds of a bare pass`,
    net,
    ratio: rate * bare,
    cpuRatio: cpu / own,
    ...(accept === 'application/json' && { target: '>= 0.80' }),
    detail: `${rate.toFixed(1)} requests/s, p50 ${result.latency.p50} ms, p99 ${result.latency.p99} ms, ${failed} failed; ${size.toFixed(1)} requests a run; bare pass ${(1000 * bare).toFixed(1)} ms an image; ${(1000 * own).toFixed(1)} ms of CPU a request; ${shares.join(', ')}`,
  };
}

/** How many times memory is read while the requests are answered. */
const READINGS = 10;

/**
 * @param {string} net
 * @param {number} requests
 * @param {(load: { connections: number, amount: number }) => PromiseLike<import('autocannon').Result>} load
 * @param {import('./running-service.mjs').RunningService} service
 * @returns {AsyncGenerator<import('./run-bench.mjs').Row>}
 */
async function* measureMemory(net, requests, load, service) {
  /** @type {number[]} */
  const megabytes = [];
  let failed = 0;
  for (let i = 0; i < READINGS; i++) {
    const result = await load({ connections: 8, amount: Math.ceil(requests / READINGS) });
    failed += result.non2xx + result.errors + result.timeouts;
    megabytes.push((await service.read()).resident / 2 ** 20);
  }
  const [first = NaN] = megabytes;
  yield {
    what: `resident memory after ${requests} requests / after a tenth of them`,
    net,
    ratio: (megabytes.at(-1) ?? NaN) / first,
    detail: `${megabytes.map((value) => value.toFixed(0)).join(', ')} MB; ${failed} failed`,
  };
}
