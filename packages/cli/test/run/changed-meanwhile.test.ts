import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openResults } from '../../src/runs/files/results-file.ts';
import { makeTemporaryFolder, runCommand, startCommand } from '../run-command.ts';
import { explainArgs, fetchDemoNet, readRun, writeNoise } from './demo-run.ts';

/** Enough that the work is not over when the first line has come. */
const IMAGES = 150;

beforeAll(fetchDemoNet);

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

describe('the results file', () => {
  const line = (image: string) => ({ image, error: 'no image' });

  test('is verified byte by byte, lines of an earlier start included', async () => {
    const file = path.join(makeTemporaryFolder(), 'results.jsonl');
    writeFileSync(file, `${JSON.stringify(line('a'))}\n`);
    const results = await openResults(file);
    await results.append(line('b'));
    await results.verify();
    const whole = readFileSync(file, 'utf8');
    expect(whole).toBe('{"image":"a","error":"no image"}\n{"image":"b","error":"no image"}\n');
    for (const other of [whole.replace('"a"', '"c"'), whole.replace('"b"', '"c"')]) {
      writeFileSync(file, other);
      await expect(results.verify()).rejects.toMatchObject({
        exitCode: 74,
        message: expect.stringContaining('its lines changed'),
      });
    }
    writeFileSync(file, whole);
    await results.verify();
    writeFileSync(file, `${whole}x`);
    await expect(results.append(line('d'))).rejects.toMatchObject({ exitCode: 74 });
    await results.close();
  });
});
