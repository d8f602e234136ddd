import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createScratchFolder, removeAbandoned, temporaryName } from '../../src/node/index.ts';

function makeParent(): string {
  const parent = mkdtempSync(path.join(tmpdir(), 'gradcam-test-'));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  return parent;
}

/** The id of a process that is no more. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

/** A name that another process of this machine would have. */
function nameOf(pid: number, prefix: string, suffix = ''): string {
  return temporaryName(prefix, suffix).replace(`-${process.pid}-`, `-${pid}-`);
}

test('what a killed process left is removed, file or folder; what a living one has stays', async () => {
  const prefix = path.join(makeParent(), '.making-');
  const [folder, file] = [nameOf(deadProcess(), prefix), nameOf(deadProcess(), prefix, '.part')];
  const living = [temporaryName(prefix), nameOf(process.ppid, prefix, '.part')];
  mkdirSync(path.join(folder, 'below'), { recursive: true });
  writeFileSync(file, 'half');
  for (const place of living) writeFileSync(place, 'half');
  await removeAbandoned(prefix, '.part');
  expect([file, folder, ...living].map(existsSync)).toEqual([false, true, true, true]);
  await removeAbandoned(prefix);
  expect([folder, ...living].map(existsSync)).toEqual([false, true, true]);
});

test('names of other machines and other programs stay, and what a link leads to', async () => {
  const parent = makeParent();
  const dead = nameOf(deadProcess(), path.join(parent, '.making-'));
  const elsewhere = makeParent();
  mkdirSync(path.join(elsewhere, 'below'));
  symlinkSync(elsewhere, dead);
  const others = [
    dead.replace(/-[0-9a-f]{8}-/, '-00000000-'),
    dead.replace('.making-', '.made-'),
    `${dead}.bak`,
    path.join(parent, '.making-old'),
  ];
  for (const folder of others) mkdirSync(folder);
  await removeAbandoned(path.join(parent, '.making-'));
  expect(others.filter((folder) => !existsSync(folder))).toEqual([]);
  expect(existsSync(path.join(elsewhere, 'below'))).toBe(true);
});

test('a name of this process id from before this process began is a dead one', async () => {
  const prefix = path.join(makeParent(), '.making-');
  const old = temporaryName(prefix);
  writeFileSync(old, 'half');
  utimesSync(old, 1, 1);
  await removeAbandoned(prefix);
  expect(existsSync(old)).toBe(false);
});

test('of mapped weights in the temporary folder nothing is left of a killed process', async () => {
  const parent = makeParent();
  const own = await createScratchFolder(parent);
  const folder = path.dirname(own.pathOf('dense.bin'));
  const dead = folder.replace(`-${process.pid}-`, `-${deadProcess()}-`);
  mkdirSync(dead);
  const next = await createScratchFolder(parent);
  onTestFinished(() => next.dispose());
  own.dispose();
  expect([dead, folder].map(existsSync)).toEqual([false, false]);
});
