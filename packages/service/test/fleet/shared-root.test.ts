import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openSharedRoot } from '@gradcam/service/fleet';

const folder = mkdtempSync(path.join(tmpdir(), 'gradcam-root-'));
const root = path.join(folder, 'shared');

beforeAll(() => {
  mkdirSync(path.join(root, 'photos'), { recursive: true });
  mkdirSync(path.join(folder, 'secret'));
  writeFileSync(path.join(folder, 'secret/a.png'), '');
  writeFileSync(path.join(root, 'photos/a.png'), '');
  symlinkSync(path.join(folder, 'secret'), path.join(root, 'way-out'));
  symlinkSync(path.join(folder, 'secret/a.png'), path.join(root, 'photos/link.png'));
  symlinkSync(path.join(root, 'photos'), path.join(root, 'again'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the shared folder', () => {
  test('names what lies inside by a path that is the same on all machines', async () => {
    const { place } = await openSharedRoot(root);
    expect(await place(path.join(root, 'photos/a.png'))).toBe('photos/a.png');
    expect(await place(path.join(root, 'again/a.png'))).toBe('photos/a.png');
    expect(await place(path.join(root, 'runs/not-yet'))).toBe('runs/not-yet');
  });

  test.each(['../secret/a.png', 'way-out/a.png', 'photos/link.png'])(
    'refuses at the producer what lies outside: %s',
    async (name) => {
      const { place } = await openSharedRoot(root);
      await expect(place(path.join(root, name))).rejects.toThrow(
        /lies outside of the shared folder/,
      );
    },
  );

  test.each([
    '../secret/a.png',
    '/etc/hostname',
    'way-out/a.png',
    'photos/link.png',
    'photos/../../x',
  ])('does not lead a worker outside: %s', async (name) => {
    const { resolve } = await openSharedRoot(root);
    await expect(resolve(name)).rejects.toThrow(/a job names a place outside of the shared folder/);
  });

  test('leads a worker to what lies inside', async () => {
    const { folder: real, resolve } = await openSharedRoot(root);
    expect(await resolve('again/a.png')).toBe(path.join(real, 'photos/a.png'));
  });
});
