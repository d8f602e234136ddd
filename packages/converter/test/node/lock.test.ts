import { fork, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ownHolder, SILENT_MS, type Holder } from '../../src/node/holder.ts';
import { acquireLock } from '../../src/node/lock.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

/** Rounds of each kind; `GRADCAM_LOCK_ROUNDS` makes them hundreds. */
const ROUNDS = Number(process.env['GRADCAM_LOCK_ROUNDS'] ?? 15);
const PROCESSES = 4;
const contender = fileURLToPath(new URL('../support/contend-for-lock.ts', import.meta.url));

/** A process that was here and is gone. */
const { pid: deadPid } = spawnSync(process.execPath, ['--version']);
const HOLDER_NAME = 'holder-00000000-0000-4000-8000-000000000000.json';

async function lockPath(): Promise<string> {
  return join(await createTemporaryFolder(), 'x.lock');
}

/** A lock as a process leaves it that is killed; `silentMs` ago it wrote to it. */
async function leaveLock(path: string, holder: Partial<Holder>, silentMs = 0): Promise<void> {
  await mkdir(path);
  const file = join(path, HOLDER_NAME);
  await writeFile(file, JSON.stringify({ ...ownHolder, ...holder }));
  const then = new Date(Date.now() - silentMs);
  await utimes(file, then, then);
}

function next(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const end = (): void => reject(new Error('a contender ended'));
    child.once('exit', end);
    child.once('message', (message) => {
      child.off('exit', end);
      resolve(message as string);
    });
  });
}

describe('of several processes at once', () => {
  test.each<[string, (path: string) => Promise<void>]>([
    ['a free lock', async () => {}],
    ['a dead one', (path) => leaveLock(path, { pid: deadPid, started: undefined })],
    [
      'a dead one in the form of a file',
      (path) => writeFile(path, JSON.stringify({ pid: deadPid, host: hostname() })),
    ],
  ])(
    `one at a time gets %s, in ${ROUNDS} rounds of ${PROCESSES}`,
    async (_, leave) => {
      const folder = await createTemporaryFolder();
      const path = join(folder, 'x.lock');
      const execArgv = ['--import', '@swc-node/register/esm-register'];
      const args = [path, join(folder, 'witness')];
      const children = Array.from({ length: PROCESSES }, () => fork(contender, args, { execArgv }));
      onTestFinished(() => children.forEach((child) => child.kill()));
      await Promise.all(children.map(next));
      const counts: Record<string, number> = {};
      for (let round = 0; round < ROUNDS; round++) {
        await leave(path);
        const answers = children.map(next);
        const at = Date.now() + 10;
        for (const child of children) child.send(at);
        const outcomes = await Promise.all(answers);
        // Somebody always gets it.
        expect(outcomes).toContain('held');
        for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
        expect(await readdir(folder)).toEqual([]);
      }
      const { held = 0, refused = 0, ...others } = counts;
      expect(others).toEqual({});
      expect(held + refused).toBe(ROUNDS * PROCESSES);
    },
    60_000 + ROUNDS * 1000,
  );
});

describe('a lock', () => {
  test('names its holder, and is nowhere after its release', async () => {
    const path = await lockPath();
    const lock = await acquireLock(path);
    await expect(acquireLock(path)).rejects.toMatchObject({
      tag: 'LockedError',
      holder: process.pid,
    });
    await lock.assertHeld();
    await lock.release();
    expect(existsSync(path)).toBe(false);
  });

  test('released by one that was taken for dead stays with the next', async () => {
    const path = await lockPath();
    const first = await acquireLock(path);
    const [file = ''] = await readdir(path);
    await rm(join(path, file));
    const second = await acquireLock(path);
    await expect(first.assertHeld()).rejects.toMatchObject({ tag: 'LockedError' });
    await first.release();
    await second.assertHeld();
    await second.release();
    await expect(second.assertHeld()).rejects.toThrow('was removed while it worked');
  });

  test.each<[string, Partial<Holder>, number, boolean]>([
    ['here, dead', { pid: deadPid, started: undefined }, 0, false],
    ['here, alive', {}, 0, true],
    ['here, stopped for a day', {}, 86_400_000, true],
    ['on another machine, heard just now', { host: 'other', boot: 'b', pid: deadPid }, 0, true],
    ['on another machine, silent', { host: 'other', boot: 'b' }, SILENT_MS + 1000, false],
    // Both machines may be called the same.
    ['on another of this name, heard', { boot: 'b', pid: deadPid }, 0, true],
    ['on another of this name, silent', { boot: 'b' }, SILENT_MS + 1000, false],
    ['in another container, heard', { namespace: 'pid:[1]', pid: deadPid }, 0, true],
    ['in another container, silent', { namespace: 'pid:[1]' }, SILENT_MS + 1000, false],
  ])('whose holder is %s', async (_, holder, silentMs, isHeld) => {
    const path = await lockPath();
    await leaveLock(path, holder, silentMs);
    if (isHeld) {
      await expect(acquireLock(path)).rejects.toMatchObject({ tag: 'LockedError' });
      expect(await readdir(path)).toEqual([HOLDER_NAME]);
    } else {
      await (await acquireLock(path)).release();
      expect(existsSync(path)).toBe(false);
    }
  });

  test.runIf(process.platform === 'linux')('of an id that was given out again', async () => {
    const path = await lockPath();
    // The parent lives, but did not begin at the boot.
    await leaveLock(path, { pid: process.ppid, started: '1' });
    await (await acquireLock(path)).release();
  });

  test('in the form of a file, of a living process', async () => {
    const path = await lockPath();
    await writeFile(path, JSON.stringify({ pid: process.ppid, host: hostname() }));
    await expect(acquireLock(path)).rejects.toMatchObject({ holder: process.ppid });
  });

  test.each([
    ['a file of somebody else', (path: string) => writeFile(path, '# yarn lockfile v1')],
    [
      'a folder of somebody else',
      async (path: string) => {
        await mkdir(path);
        await writeFile(join(path, 'keys.txt'), 'of the house');
      },
    ],
  ])('is refused where %s is', async (_, make) => {
    const path = await lockPath();
    await make(path);
    await expect(acquireLock(path)).rejects.toMatchObject({ tag: 'WriteError' });
    const kept = existsSync(join(path, 'keys.txt')) ? join(path, 'keys.txt') : path;
    expect(await readFile(kept, 'utf8')).toMatch(/of the house|yarn/);
  });

  test('clears away what others left that were killed while they asked for it', async () => {
    const path = await lockPath();
    await leaveLock(`${path}-0a1b2c`, { pid: deadPid, started: undefined });
    await leaveLock(`${path}-0a1b2d`, {});
    await mkdir(`${path}-photos`);
    await (await acquireLock(path)).release();
    expect((await readdir(join(path, '..'))).sort()).toEqual(['x.lock-0a1b2d', 'x.lock-photos']);
  });
});
