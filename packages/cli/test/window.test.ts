import type { ResultLine } from '@gradcam/core';
import path from 'node:path';
import { expect, test } from 'vitest';
import { explainArgs, readLines, readRun } from './run/demo-run.ts';
import { makeTemporaryFolder, root, runCommand } from './run-command.ts';

const pictures = path.join(root, 'packages/core/test/fixtures/pictures');

test('what was done with the numbers of a picture is in its line, its note, and the run', async () => {
  const folder = makeTemporaryFolder();
  const image = path.join(pictures, 'twelve-of-sixteen.png');
  const dark = path.join(folder, 'dark');
  const first = await runCommand(explainArgs([image], dark));
  expect(first.code, first.stderr).toBe(0);
  expect(first.stdout).toContain('note: largest value 4095 of 65535');
  const [plain] = readLines(dark) as [ResultLine];
  expect(plain.samples).toMatchObject({ type: 'uint16', window: [0, 65535], by: 'type' });
  // Beside it stands that this picture shows nothing that the demo net knows.
  const aboutNumbers = (note: string): boolean => note.includes('largest value');
  expect(plain.notes?.filter(aboutNumbers)).toHaveLength(1);

  const stated = path.join(folder, 'stated');
  const second = await runCommand(explainArgs([image], stated, '--window', '0..4095'));
  expect(second.code, second.stderr).toBe(0);
  expect(second.stdout).not.toContain('note: largest value');
  const [line] = readLines(stated) as [ResultLine];
  expect(line.samples).toMatchObject({ window: [0, 4095], by: 'stated', largest: 4095 });
  expect(readRun(stated).settings.window).toBe('0..4095');
  // The picture that the net saw is another.
  expect(line.predictions).not.toEqual(plain.predictions);

  const resumed = await runCommand(explainArgs([image], stated, '--resume'));
  expect([resumed.code, resumed.stderr]).toEqual([
    64,
    expect.stringContaining('--window was 0..4095 and is not given'),
  ]);
}, 60_000);

test.each(['4095', '0..', '5..5', '9..1', 'a..b', '0..1..2'])(
  '--window %s is refused',
  async (value) => {
    const { code, stderr } = await runCommand(explainArgs(['x.png'], 'run', '--window', value));
    expect([code, stderr]).toEqual([
      64,
      expect.stringContaining('--window takes two numbers from..to'),
    ]);
  },
);
