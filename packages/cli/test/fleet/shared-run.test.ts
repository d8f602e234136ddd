import type { ResultLine } from '@gradcam/core';
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  makeTemporaryFolder,
  runCommand,
  startCommand,
  type RunningCommand,
} from '../run-command.ts';
import { models, parseJsonLines, readLines, readRun } from '../run/demo-run.ts';
import { answering, asked, writePictures } from '../words/word-nets.ts';
import { findFreePort, skipWithoutRedis, startRedis } from './redis-server.ts';
import {
  COUNT,
  explainWith,
  makeShared,
  startOwn,
  TIMEOUT_MS,
  withoutTimes,
} from './shared-folder.ts';

const explain = [...explainWith, 'scenes', '--save', 'raw'];

/** Asks a worker to end, as a cluster does. */
async function endWorker({ child, done }: RunningCommand): Promise<string> {
  child.kill('SIGTERM');
  const { code, stderr } = await done;
  expect(code, stderr).toBe(143);
  return stderr;
}

function filesOf(run: string): string[] {
  return (readdirSync(run, { recursive: true }) as string[]).sort();
}

describe.skipIf(skipWithoutRedis())('a run that workers share', { timeout: TIMEOUT_MS }, () => {
  test('is what one process makes: the same lines in the same order, the same files', async () => {
    const shared = makeShared();
    writeFileSync(path.join(shared, 'scenes/broken.png'), 'no picture');
    const { address } = await startRedis(shared);
    const queue = ['--queue', address];
    const work = ['work', ...queue, '--models', models, '--lost-after', '20'];
    const workers = [
      startOwn([...work, '--debug', '--threads', '1'], { cwd: shared }),
      startOwn([...work, '--quiet', '--engine', 'wasm', '--root', shared]),
    ];
    const args = [...explain, ...queue, '--job-images', '2', '--job-megabytes', '1'];
    const run = await runCommand([...args, '--out', 'together', '--json', '--root', '.'], shared);
    expect(run.code, run.stderr).toBe(1);
    expect(run.stderr).toContain('4 jobs of 7 images are in the queue');
    for (const worker of workers) await endWorker(worker);
    const together = path.join(shared, 'together');
    expect(parseJsonLines(run.stdout).map(({ image }) => image)).toEqual(
      readLines(together).map(({ image }) => image),
    );

    const alone = path.join(shared, 'alone');
    const single = await runCommand([...explain, '--out', 'alone'], shared);
    expect(single.code, single.stderr).toBe(1);
    expect(filesOf(together)).toEqual(filesOf(alone));
    const lines = withoutTimes(together);
    expect(lines).toHaveLength(COUNT + 1);
    for (const [i, line] of withoutTimes(alone).entries()) {
      // Engines agree to 1e-5, and the second worker runs another.
      expectNear(lines[i], line);
    }
    expect(readRun(together)).toMatchObject({
      status: 'done',
      counts: { done: COUNT, failed: 1 },
      settings: readRun(alone).settings,
      files: { original: '..' },
    });

    // As any other run: resumed without a queue.
    const again = await runCommand([...explain, '--out', 'together', '--resume'], shared);
    expect(again.stderr).toContain(`resumed: ${COUNT} of ${COUNT + 1} images are done, 1 to do`);
  });

  test('goes on without the command that planned it, which --resume finishes', async () => {
    const shared = makeShared();
    const { address } = await startRedis(shared);
    const queue = ['--queue', address];
    const out = ['--out', 'run', '--job-images', '1'];
    const planned = await runCommand([...explain, ...queue, ...out, '--detach'], shared);
    expect(planned.code, planned.stderr).toBe(0);
    expect(readRun(path.join(shared, 'run')).status).toBe('running');

    const before = await runCommand(['status', ...queue, '--json']);
    expect(JSON.parse(before.stdout)).toEqual({
      ...{ waiting: COUNT, active: 0, failed: 0 },
      ...{ workers: [], inWork: [], failures: [] },
    });
    const model = path.join(models, 'demo-resnet');
    const worked = await runCommand(['work', ...queue, '--idle', '5', '--model', model], shared);
    expect(worked.code, worked.stderr).toBe(0);
    expect(worked.stderr).toContain(`${COUNT} jobs done, ${COUNT} images, 0 of them failed`);
    expect(
      readdirSync(path.join(shared, 'run/parts')).filter((name) => /^\d/.test(name)),
    ).toHaveLength(COUNT);

    // Nothing is left to do, so no worker is needed.
    const ended = await runCommand([...explain, ...queue, ...out, '--resume'], shared);
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stderr).toContain(
      `took the outcomes of workers into the results: ${COUNT} images`,
    );
    expect(existsSync(path.join(shared, 'run/parts'))).toBe(false);
    expect(readRun(path.join(shared, 'run'))).toMatchObject({
      status: 'done',
      counts: { done: COUNT },
    });
    const after = await runCommand(['status', ...queue]);
    expect(after.stdout).toBe('jobs: 0 waiting, 0 in work, 0 failed\nworkers: none\n');
  });

  test('of a table of questions: each image keeps its own, also several', async () => {
    const shared = makeShared();
    const { address } = await startRedis(shared);
    const [one, other] = asked.asked as [
      (typeof asked.asked)[number],
      (typeof asked.asked)[number],
    ];
    const names = ['a', 'b', 'c', 'd'].map((name) => `asked/${name}.png`);
    await writePictures(shared, names);
    cpSync(answering, path.join(shared, 'net'), { recursive: true });
    const asking = names.flatMap((name, i) => [
      { name, ...(i % 2 === 0 ? one : other) },
      ...(i < 2 ? [{ name, ...(i % 2 === 0 ? other : one) }] : []),
    ]);
    const rows = asking.map(({ name, question }) => [name, question, one.answer]);
    const table = ['image,question,answer', ...rows.map((row) => row.join(','))].join('\n');
    writeFileSync(path.join(shared, 'table.csv'), table);
    const given = [
      'explain',
      'asked',
      '--model',
      'net',
      '--questions',
      'table.csv',
      '--save',
      'raw',
    ];
    startOwn(['work', '--queue', address, '--quiet'], { cwd: shared });
    const queued = ['--queue', address, '--root', '.', '--job-images', '3', '--out', 'together'];
    const run = await runCommand([...given, ...queued], shared);
    expect(run.code, run.stderr).toBe(0);
    const single = await runCommand([...given, '--out', 'alone'], shared);
    expect(single.code, single.stderr).toBe(0);
    const [together, alone] = ['together', 'alone'].map((out) => path.join(shared, out)) as [
      string,
      string,
    ];
    const lines = readLines(together) as ResultLine[];
    expect(lines.map(({ text }) => text)).toEqual(
      asking.map(({ question, answer }) => ({ question, answer })),
    );
    expect(withoutTimes(together)).toEqual(withoutTimes(alone));
    expect(readRun(together).settings).toEqual(readRun(alone).settings);
  });

  test('is finished by one process where --resume has no queue; late jobs do nothing', async () => {
    const shared = makeShared();
    const { address } = await startRedis(shared);
    const out = ['--out', 'run'];
    await runCommand([...explain, ...out, '--queue', address, '--detach'], shared);
    const resumed = await runCommand([...explain, ...out, '--resume'], shared);
    expect(resumed.code, resumed.stderr).toBe(0);
    const files = filesOf(path.join(shared, 'run'));
    const late = await runCommand(
      ['work', '--queue', address, '--idle', '5', '--models', models],
      shared,
    );
    expect(late.stderr).toContain('the run waits for no worker any more');
    expect(late.stderr).toContain('0 jobs done');
    expect(filesOf(path.join(shared, 'run'))).toEqual(files);
  });
});

describe.skipIf(skipWithoutRedis())('what a worker does not do', { timeout: TIMEOUT_MS }, () => {
  test('it explains with no other model, and says which it has', async () => {
    const shared = makeShared();
    const { address } = await startRedis(shared);
    const producer = startOwn([...explain, '--out', 'run', '--queue', address], {
      cwd: shared,
    });
    const other = path.join(models, 'demo-vgg');
    const wrong = startOwn(['work', '--queue', address, '--model', other], { cwd: shared });
    let refused = '';
    wrong.child.stderr!.on('data', (chunk: Buffer) => (refused += chunk.toString()));
    await expect
      .poll(() => refused, { timeout: 120_000 })
      .toMatch(/has another model.json than the run \(sha256 \w{8} expected, \w{8} found\)/);
    // The job goes to a worker that has the right one.
    const right = startOwn(['work', '--queue', address, '--models', models], { cwd: shared });
    const { code, stderr } = await producer.done;
    expect(code, stderr).toBe(0);
    for (const worker of [wrong, right]) await endWorker(worker);
    expect(readRun(path.join(shared, 'run')).counts).toEqual({ done: COUNT, failed: 0 });
  });

  test('it goes nowhere outside of its shared folder, whatever a job names', async () => {
    const shared = makeShared();
    const { address, port } = await startRedis(shared);
    const planned = await runCommand(
      [...explain, '--out', 'run', '--queue', address, '--detach'],
      shared,
    );
    expect(planned.code, planned.stderr).toBe(0);
    // Another root: the same job leads to nothing there, and by a link out of it.
    const elsewhere = path.join(makeTemporaryFolder(), 'root');
    mkdirSync(elsewhere);
    symlinkSync(path.join(shared, 'run'), path.join(elsewhere, 'run'));
    const args = [
      'work',
      '--queue',
      `redis://127.0.0.1:${port}/0`,
      '--idle',
      '1',
      '--models',
      models,
    ];
    const { stderr } = await runCommand([...args, '--root', elsewhere]);
    expect(stderr).toContain('run: a job names a place outside of the shared folder');
    expect(readdirSync(path.join(shared, 'run')).sort()).toEqual(
      ['.lock', 'parts', 'results.jsonl', 'run.json'].filter((name) =>
        existsSync(path.join(shared, 'run', name)),
      ),
    );
    const listed = await runCommand(['status', '--queue', address]);
    expect(listed.stdout).toMatch(
      /failed: run part 0 by \S+:\d+: run: a job names a place outside/,
    );
  });
});

describe('one clear line', { timeout: TIMEOUT_MS }, () => {
  test('where no server is, without the password of the address', async () => {
    const shared = makeShared();
    const address = `redis://me:secret@127.0.0.1:${await findFreePort()}`;
    const commands = [
      [...explain, '--out', 'run', '--queue', address],
      ['work', '--queue', address],
      ['status', '--queue', address],
    ];
    for (const { code, stderr } of await Promise.all(
      commands.map((args) => runCommand(args, shared)),
    )) {
      expect(code, stderr).toBe(69);
      expect(stderr).toMatch(
        /gradcam: redis:\/\/127\.0\.0\.1:\d+: the server cannot be reached \(ECONNREFUSED\); is a Redis or Valkey server running there\?\n$/,
      );
      expect(stderr).not.toContain('secret');
    }
    expect(existsSync(path.join(shared, 'run'))).toBe(false);
  });

  test.skipIf(skipWithoutRedis())(
    'where the password is wrong; the right one may stand in the environment',
    async () => {
      const shared = makeShared();
      const { address } = await startRedis(shared, '--requirepass', 'sesame');
      const wrong = await runCommand(['status', '--queue', address.replace('//', '//:tahini@')]);
      expect(wrong.code).toBe(69);
      expect(wrong.stderr).toMatch(/the server refuses this user or password/);
      expect(wrong.stderr).not.toContain('tahini');
      const env = { GRADCAM_QUEUE_PASSWORD: 'sesame' };
      const right = await startCommand(['status', '--queue', address], { env }).done;
      expect(right.code, right.stderr).toBe(0);
    },
  );

  test.each([
    [
      ['--queue', 'http://localhost'],
      /--queue takes an address such as .*; the given address begins with http:/,
    ],
    [['--queue', 'redis://localhost', '--job-images', '0'], /--job-images/],
    [['--detach'], /--detach needs --queue/],
    [['--root', '.'], /--root needs --queue/],
    [
      ['--queue', 'redis://localhost', '--root', 'scenes'],
      /run: lies outside of the shared folder .*scenes/,
    ],
    [
      ['https://example.com/a.png', '--queue', 'redis://localhost'],
      /workers read images only in the shared folder/,
    ],
  ])('of usage: %j', async (flags, message) => {
    const shared = makeShared();
    const { code, stderr } = await runCommand([...explain, '--out', 'run', ...flags], shared);
    expect(code).toBe(64);
    expect(stderr).toMatch(message);
    expect(existsSync(path.join(shared, 'run'))).toBe(false);
  });
});

/** Engines agree to 1e-5 of a map's scale; scores of the demo net are of the order of ten. */
function expectNear(got: unknown, want: unknown): void {
  if (typeof want === 'number') expect(Math.abs((got as number) - want)).toBeLessThan(1e-3);
  else if (typeof want === 'object' && want !== null) {
    expect(Object.keys(got as object)).toEqual(Object.keys(want));
    for (const [key, value] of Object.entries(want)) {
      expectNear((got as Record<string, unknown>)[key], value);
    }
  } else expect(got).toBe(want);
}
