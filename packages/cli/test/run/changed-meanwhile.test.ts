import { once } from 'node:events';
import { copyFileSync, existsSync, renameSync, rmSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeTemporaryFolder, runCommand, startCommand } from '../run-command.ts';
import { explainArgs, readRun, writeNoise } from './demo-run.ts';

/** Enough that the work is not over when the first line has come. */
const IMAGES = 150;

describe('a run that another program changes while it goes on', () => {
  test.each([
    ['its folder is removed', (out: string) => rmSync(out, { recursive: true }), false],
    ['its results are removed', (out: string) => rmSync(path.join(out, 'results.jsonl')), true],
    [
      'its results are cut in the middle of a line',
      (out: string) => truncateSync(path.join(out, 'results.jsonl'), 100),
      true,
    ],
    [
      'a copy takes the place of its results',
      (out: string) => {
        const results = path.join(out, 'results.jsonl');
        copyFileSync(results, `${results}.copy`);
        renameSync(`${results}.copy`, results);
      },
      true,
    ],
    [
      'its pictures are removed',
      (out: string) => rmSync(path.join(out, 'images'), { recursive: true, force: true }),
      true,
    ],
  ] as const)('%s: exit code 74, it is not done, and can be resumed', async (_, change, stays) => {
    const folder = makeTemporaryFolder();
    await writeNoise(folder, IMAGES);
    const out = path.join(folder, 'run');
    const { child, done } = startCommand(explainArgs([folder], out, '--json'));
    await once(child.stdout!, 'data');
    child.kill('SIGSTOP');
    change(out);
    child.kill('SIGCONT');
    const { code, stderr } = await done;
    expect(stderr).toMatch(/^gradcam: .*(results are lost|was removed meanwhile)/m);
    expect(stderr).not.toContain('    at ');
    expect([code, existsSync(out)]).toEqual([74, stays]);
    if (stays) expect(readRun(out).status).toBe('running');

    const resumed = await runCommand(explainArgs([folder], out, '--resume'));
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(readRun(out)).toMatchObject({ status: 'done', counts: { done: IMAGES } });
  });
});
