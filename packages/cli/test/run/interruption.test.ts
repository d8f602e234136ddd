import { isFailure } from '@gradcam/core';
import { existsSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  makeTemporaryFolder,
  runCommand,
  startCommand,
  type CommandResult,
} from '../run-command.ts';
import { explainArgs, readLines, readRun, writeNoise } from './demo-run.ts';

/** Enough that the work is not over when the first line has come. */
const IMAGES = 150;

interface Interrupted extends CommandResult {
  readonly folder: string;
  readonly out: string;
}

/** Does something to the command when its first line is there. */
async function interrupt(
  act: (child: ReturnType<typeof startCommand>['child'], out: string) => unknown,
): Promise<Interrupted> {
  const folder = makeTemporaryFolder();
  await writeNoise(folder, IMAGES);
  const out = path.join(folder, 'run');
  const { child, done } = startCommand(explainArgs([folder], out, '--json'));
  await once(child.stdout!, 'data');
  await act(child, out);
  return { ...(await done), folder, out };
}

/** What is there holds, and the rest can be done. */
async function expectResumable({ folder, out }: Interrupted): Promise<void> {
  const lines = readLines(out);
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(IMAGES);
  for (const line of lines) {
    if (isFailure(line)) throw new Error(line.error);
    for (const file of Object.values(line.explanations[0]!.files))
      expect(existsSync(path.join(out, file))).toBe(true);
  }
  expect(readRun(out)).toMatchObject({ status: 'running', counts: { done: lines.length } });
  expect(readdirSync(out)).not.toContain('.lock');
  const { code } = await runCommand(explainArgs([folder], out, '--resume'));
  expect(code).toBe(0);
  expect(new Set(readLines(out).map(({ image }) => image)).size).toBe(IMAGES);
  expect(readLines(out)).toHaveLength(IMAGES);
  expect(readRun(out)).toMatchObject({ status: 'done', counts: { done: IMAGES, failed: 0 } });
}

describe('a run that is interrupted', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: the current image is finished, exit code %i', async (signal, exitCode) => {
    const interrupted = await interrupt((child) => child.kill(signal));
    expect(interrupted.stderr).toContain('stopping after the current image');
    expect(interrupted.stderr).not.toContain('    at ');
    expect(interrupted.code).toBe(exitCode);
    const done = readLines(interrupted.out).length;
    expect(interrupted.stderr).toContain(`${done} explained, 0 failed;`);
    expect(interrupted.stderr).toContain(
      `${IMAGES - done} images are left; to go on, give the same command again with --resume --out ${interrupted.out}\n`,
    );
    await expectResumable(interrupted);
  });

  test('a reader that closes the pipe ends it quietly', async () => {
    const interrupted = await interrupt((child) => child.stdout!.destroy());
    expect(interrupted.stderr).not.toMatch(/EPIPE|gradcam:|    at /);
    expect(interrupted.code).toBe(0);
    await expectResumable(interrupted);
  });

  test('a second process is kept out of the folder', async () => {
    const second = await interrupt(async (child, out) => {
      // Stopped, so that it cannot be done before the other comes.
      child.kill('SIGSTOP');
      const other = await runCommand(explainArgs([path.dirname(out)], out, '--resume'));
      expect(other.stderr).toContain(`is being written by process ${child.pid}`);
      expect(other.code).toBe(73);
      child.kill('SIGCONT');
    });
    expect(second.code).toBe(0);
    expect(readLines(second.out)).toHaveLength(IMAGES);
  });
});
