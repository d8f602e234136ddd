import { expect, onTestFinished, test, vi } from 'vitest';
import { createScratchFolder } from '../../src/node/index.ts';

/** A system that takes and gives `most` bytes at a time, as Linux does with 2 GiB. */
const most = vi.hoisted(() => 3);
vi.mock('node:fs/promises', async (load) => {
  const fs = await load<typeof import('node:fs/promises')>();
  const open = async (path: string, flags: string) => {
    const file = await fs.open(path, flags);
    const { read, write } = { read: file.read.bind(file), write: file.write.bind(file) };
    const few = (count: number): number => Math.min(most, count);
    return Object.assign(file, {
      read: (to: Uint8Array, start: number, count: number, at: number) =>
        read(to, start, few(count), at),
      write: (from: Uint8Array, start: number, count: number, at: number) =>
        write(from, start, few(count), at),
    });
  };
  return { ...fs, open };
});

test('a file is whole, though the system writes and reads a part at a time', async () => {
  const folder = await createScratchFolder();
  onTestFinished(() => folder.dispose());
  await folder.write('weights.bin', [
    { offset: 0, bytes: Uint8Array.of(1, 2, 3, 4, 5, 6, 7) },
    { offset: 8, bytes: Uint8Array.of(8, 9, 10, 11) },
  ]);
  const read = await folder.read('weights.bin', 0, 12);
  expect([...read]).toEqual([1, 2, 3, 4, 5, 6, 7, 0, 8, 9, 10, 11]);
});

test('a file that ends too soon is an error, not zeros', async () => {
  const folder = await createScratchFolder();
  onTestFinished(() => folder.dispose());
  await folder.write('weights.bin', [{ offset: 0, bytes: Uint8Array.of(1, 2, 3, 4) }]);
  await expect(folder.read('weights.bin', 2, 4)).rejects.toThrow(/ends after 4 bytes/);
});
