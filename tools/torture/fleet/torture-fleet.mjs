// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { createRandom } from '../random.mjs';
import { compareRuns } from './compare-runs.mjs';
import { keepRunning, start } from './processes.mjs';
import { startRedis } from './redis-server.mjs';

/**
 * What is done to a shared run.
 *
 * @typedef {object} Plan
 * @property {number} images
 * @property {number} jobImages
 * @property {number} workers
 * @property {number} workerKills
 * @property {number} producerKills
 * @property {number} serverKills
 * @property {number} pauses how often a worker is stopped for longer than its lock
 * @property {boolean} poison whether one image ends each worker that opens it
 * @property {number} lostAfter seconds
 * @property {number} seed
 *
 * @typedef {'worker' | 'producer' | 'server' | 'pause'} Fault
 */

/**
 * Runs the real command on one run with many workers, kills all kinds of processes while it runs, and
 * compares the run with that of one undisturbed process.
 *
 * @param {string} folder empty; the caller removes it
 * @param {Plan} plan
 * @param {(text: string) => void} say
 */
export async function tortureFleet(folder, plan, say) {
  const random = createRandom(plan.seed, 1);
  await writeImages(folder, plan, random);
  const fetched = await start(folder, ['fetch', 'demo-resnet', '--models', 'models']).done;
  if (fetched.code !== 0) throw new Error(fetched.stderr);
  const explain = ['explain', 'photos', '--model', 'demo-resnet', '--models', 'models'];
  const what = [...explain, '--save', 'raw', '--quiet'];
  const began = performance.now();
  const single = await start(folder, [...what, '--out', 'alone']).done;
  if (single.code !== 0) throw new Error(single.stderr);
  const aloneSeconds = (performance.now() - began) / 1000;
  say(`one process: ${aloneSeconds.toFixed(0)} s`);

  const server = await startRedis(path.join(folder, 'redis'));
  const queue = ['--queue', server.address];
  const work = ['work', ...queue, '--models', 'models', '--lost-after', `${plan.lostAfter}`];
  const workers = Array.from({ length: plan.workers }, () =>
    keepRunning(() => start(folder, work, { diesAtPoison: plan.poison })),
  );
  const produce = [...what, ...queue, '--out', 'shared', '--resume'];
  const started = performance.now();
  /** @type {import('./processes.mjs').Started} */
  let producer = start(folder, [...produce, '--job-images', `${plan.jobImages}`]);
  const kills = { worker: 0, producer: 0, server: 0, pause: 0 };
  let isOver = false;
  try {
    const faults = shuffle(listFaults(plan), random);
    const inflicting = (async () => {
      for (const [i, fault] of faults.entries()) {
        const from = Math.floor((0.9 * plan.images * (i + 0.5)) / faults.length);
        while (!isOver && countDone(folder) < from) await wait(20);
        await wait(random.below(200));
        if (isOver) return;
        kills[fault] += 1;
        say(`${countDone(folder)} images: ${fault}`);
        if (fault === 'worker') random.pick(workers).send('SIGKILL');
        else if (fault === 'producer') producer.child.kill('SIGKILL');
        else if (fault === 'server') {
          await server.kill();
          await wait(random.below(1000));
          await server.start();
        } else {
          const paused = random.pick(workers);
          paused.send('SIGSTOP');
          void wait(3000 * plan.lostAfter).then(() => paused.send('SIGCONT'));
        }
      }
    })();
    let ended = await producer.done;
    while (ended.signal !== null) {
      producer = start(folder, [...produce, '--job-images', `${plan.jobImages}`]);
      ended = await producer.done;
    }
    isOver = true;
    await inflicting;
    const seconds = (performance.now() - started) / 1000;
    await Promise.all(workers.map((worker) => worker.end()));
    const { faults: wrong, largest } = compareRuns(
      path.join(folder, 'shared'),
      path.join(folder, 'alone'),
    );
    if (ended.code !== (plan.poison ? 1 : 0))
      wrong.push(`exit code ${ended.code}: ${ended.stderr}`);
    const run = JSON.parse(readFileSync(path.join(folder, 'shared/run.json'), 'utf8'));
    if (run.status !== 'done') wrong.push(`run.json says ${run.status}`);
    return {
      ...plan,
      kills,
      starts: workers.map((worker) => worker.starts()),
      counts: run.counts,
      ...{ aloneSeconds, seconds, largest },
      found: wrong.slice(0, 20),
    };
  } finally {
    isOver = true;
    producer.child.kill('SIGKILL');
    for (const worker of workers) worker.send('SIGKILL');
    await Promise.all(workers.map((worker) => worker.end()));
    await server.kill();
  }
}

/**
 * @param {Plan} plan
 * @returns {Fault[]}
 */
function listFaults({ workerKills, producerKills, serverKills, pauses }) {
  return [
    ...Array.from({ length: workerKills }, () => /** @type {const} */ ('worker')),
    ...Array.from({ length: producerKills }, () => /** @type {const} */ ('producer')),
    ...Array.from({ length: serverKills }, () => /** @type {const} */ ('server')),
    ...Array.from({ length: pauses }, () => /** @type {const} */ ('pause')),
  ];
}

/**
 * @template T
 * @param {T[]} list
 * @param {import('../random.mjs').Random} random
 * @returns {T[]}
 */
function shuffle(list, random) {
  const rest = [...list];
  return list.map(() => /** @type {T} */ (rest.splice(random.below(rest.length), 1)[0]));
}

/**
 * The images of the shared run that have a folder.
 *
 * @param {string} folder
 */
function countDone(folder) {
  const images = path.join(folder, 'shared/images');
  return existsSync(images) ? readdirSync(images).length : 0;
}

/**
 * Small pictures of coloured noise, and one that the workers do not survive.
 *
 * @param {string} folder
 * @param {Plan} plan
 * @param {import('../random.mjs').Random} random
 */
async function writeImages(folder, { images, poison }, random) {
  const photos = path.join(folder, 'photos');
  mkdirSync(photos);
  const [width, height] = [48, 36];
  for (let i = 0; i < images; i++) {
    const data = Uint8Array.from({ length: width * height * 3 }, () => random.below(256));
    const isPoison = poison && i === Math.floor(images / 3);
    const name = isPoison ? 'poison.png' : `noise-${String(i).padStart(5, '0')}.png`;
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png({ compressionLevel: 1 })
      .toFile(path.join(photos, name));
  }
}
