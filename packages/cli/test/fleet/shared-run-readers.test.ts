import { isFailure } from '@gradcam/core';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { once } from 'node:events';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { runCommand } from '../run-command.ts';
import { models, readLines } from '../run/demo-run.ts';
import { skipWithoutRedis, startRedis } from './redis-server.ts';
import { explainWith, makeShared, startOwn, TIMEOUT_MS } from './shared-folder.ts';

const explain = [...explainWith, 'scenes', '--save', 'raw,overlay', '--quiet'];

/** Two runs of the same images: one that two workers shared, and one of a single process. */
async function makeRuns(): Promise<{ together: string; alone: string }> {
  const shared = makeShared();
  const { address } = await startRedis(shared);
  const queue = ['--queue', address];
  const workers = [1, 2].map(() =>
    startOwn(['work', ...queue, '--models', models, '--quiet'], { cwd: shared }),
  );
  const args = [...explain, ...queue, '--job-images', '2', '--out', 'together'];
  const run = await runCommand(args, shared);
  expect(run.code, run.stderr).toBe(0);
  for (const { child, done } of workers) {
    child.kill('SIGTERM');
    await done;
  }
  const single = await runCommand([...explain, '--out', 'alone'], shared);
  expect(single.code, single.stderr).toBe(0);
  return { together: path.join(shared, 'together'), alone: path.join(shared, 'alone') };
}

async function readPixels(file: string): Promise<Buffer> {
  return sharp(file).raw().toBuffer();
}

/** What an evaluation says, without the times that it took. */
async function evaluate(run: string): Promise<unknown> {
  const args = ['evaluate', run, '--model', 'demo-resnet', '--models', models];
  const { code, stdout, stderr } = await runCommand([
    ...args,
    ...['--metric', 'drop,sparseness', '--json', '--quiet'],
  ]);
  expect(code, stderr).toBe(0);
  const { rows } = JSON.parse(stdout) as { rows: readonly { row: string; cells: unknown }[] };
  return rows.map(({ row, cells }) => ({ row, cells }));
}

/** The address of the page over a run, which ends with the test. */
async function view(run: string): Promise<string> {
  const { child } = startOwn(['view', run, '--port', '0']);
  const lines = createInterface({ input: child.stdout as Readable });
  const [line] = (await once(lines, 'line')) as [string];
  return line.trim();
}

test.skipIf(skipWithoutRedis())(
  'sheet, evaluate and view read a shared run as a run of one process',
  { timeout: TIMEOUT_MS },
  async () => {
    const { together, alone } = await makeRuns();
    for (const run of [together, alone]) {
      const { code, stderr } = await runCommand(['sheet', run, '--tile', '96']);
      expect(code, stderr).toBe(0);
    }
    const [sheet, other] = await Promise.all(
      [together, alone].map((run) => readPixels(path.join(run, 'sheet.png'))),
    );
    expect(sheet!.equals(other!)).toBe(true);

    expect(await evaluate(together)).toEqual(await evaluate(alone));

    const address = await view(together);
    const served = await fetch(new URL('run/results.jsonl', address));
    expect(served.status).toBe(200);
    expect(await served.text()).toBe(readFileSync(path.join(together, 'results.jsonl'), 'utf8'));
    const [line] = readLines(together);
    if (isFailure(line!)) throw new Error(line.error);
    const { raw } = line!.explanations[0]!.files;
    const map = await fetch(new URL(`run/${raw!}`, address));
    expect(Buffer.from(await map.arrayBuffer())).toEqual(readFileSync(path.join(alone, raw!)));
  },
);
