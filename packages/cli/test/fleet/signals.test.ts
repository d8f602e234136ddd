import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';
import { models, readLines, readRun, writeNoise } from '../run/demo-run.ts';
import { skipWithoutRedis, startRedis } from './redis-server.ts';
import { explainWith, startOwn, TIMEOUT_MS, withoutTimes } from './shared-folder.ts';
import { makeTemporaryFolder } from '../run-command.ts';

const COUNT = 12;

/** A method of many passes, so that a job of these images takes a second or more. */
const slow = [...explainWith, 'photos', '--method', 'rise', '--runs', '60', '--save', 'raw'];

async function makeShared(): Promise<string> {
  const folder = makeTemporaryFolder();
  mkdirSync(path.join(folder, 'photos'));
  await writeNoise(path.join(folder, 'photos'), COUNT);
  return folder;
}

/** The raw maps of a run, by their names in it, and when each was written. */
function mapsOf(run: string): Map<string, number> {
  const names = existsSync(run) ? (readdirSync(run, { recursive: true }) as string[]) : [];
  const maps = names.filter((name) => name.startsWith('images/') && name.endsWith('.npy'));
  return new Map(maps.map((name) => [name, statSync(path.join(run, name)).mtimeMs]));
}

/** Waits until a run has some maps, and so a worker a job in hand. */
async function untilBegun(run: string): Promise<void> {
  await expect
    .poll(() => mapsOf(run).size, { timeout: TIMEOUT_MS / 2, interval: 20 })
    .toBeGreaterThan(2);
}

async function expectAsAlone(shared: string): Promise<void> {
  const single = await runCommand([...slow, '--out', 'alone'], shared);
  expect(single.code, single.stderr).toBe(0);
  const [together, alone] = ['run', 'alone'].map((name) => path.join(shared, name));
  expect(withoutTimes(together!)).toEqual(withoutTimes(alone!));
  expect([...mapsOf(together!).keys()].sort()).toEqual([...mapsOf(alone!).keys()].sort());
  expect(readRun(together!)).toMatchObject({ status: 'done', counts: { done: COUNT, failed: 0 } });
}

describe.skipIf(skipWithoutRedis())('signals', { timeout: TIMEOUT_MS }, () => {
  test('a worker that is asked to end gives its job back, and its finished images are kept', async () => {
    const shared = await makeShared();
    const { address } = await startRedis(shared);
    const queue = ['--queue', address];
    const run = path.join(shared, 'run');
    const out = ['--out', 'run', '--job-images', `${COUNT}`];
    const producer = startOwn([...slow, ...queue, ...out], { cwd: shared });
    const first = startOwn(['work', ...queue, '--models', models], { cwd: shared });
    await untilBegun(run);
    first.child.kill('SIGTERM');
    const ended = await first.done;
    expect(ended.code, ended.stderr).toBe(143);
    expect(ended.stderr).toContain('stopping: jobs go back to the queue');
    const status = await runCommand(['status', ...queue, '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ waiting: 1, active: 0, failed: 0 });
    const kept = mapsOf(run);
    expect(kept.size).toBeGreaterThan(2);
    expect(kept.size).toBeLessThan(COUNT);

    const second = startOwn(['work', ...queue, '--models', models], { cwd: shared });
    const { code, stderr } = await producer.done;
    expect(code, stderr).toBe(0);
    second.child.kill('SIGTERM');
    await second.done;
    const later = mapsOf(run);
    for (const [name, at] of kept) expect(later.get(name), name).toBe(at);
    await expectAsAlone(shared);
  });

  test('Ctrl-C at the command leaves a run that --resume finishes', async () => {
    const shared = await makeShared();
    const { address } = await startRedis(shared);
    const queue = ['--queue', address];
    const run = path.join(shared, 'run');
    const out = ['--out', 'run', '--job-images', '2'];
    const producer = startOwn([...slow, ...queue, ...out], { cwd: shared });
    const worker = startOwn(['work', ...queue, '--models', models], { cwd: shared });
    await untilBegun(run);
    producer.child.kill('SIGINT');
    const ended = await producer.done;
    expect(ended.code, ended.stderr).toBe(130);
    expect(ended.stderr).toContain('jobs that no worker has begun leave the queue');
    expect(readRun(run).status).toBe('running');
    // What no worker had begun is gone from the queue; what it had in hand it finishes.
    const ask = async (): Promise<unknown> =>
      JSON.parse((await runCommand(['status', ...queue, '--json'])).stdout) as unknown;
    await expect
      .poll(ask, { timeout: TIMEOUT_MS / 2, interval: 500 })
      .toMatchObject({ waiting: 0, active: 0, failed: 0 });
    worker.child.kill('SIGTERM');
    await worker.done;
    const kept = mapsOf(run);
    expect(kept.size).toBeLessThan(COUNT);

    const resumed = await runCommand([...slow, '--out', 'run', '--resume'], shared);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readLines(run)).toHaveLength(COUNT);
    const later = mapsOf(run);
    for (const [name, at] of kept) expect(later.get(name), name).toBe(at);
    await expectAsAlone(shared);
  });
});
