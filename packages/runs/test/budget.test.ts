import type { InputDescription } from '@gradcam/core';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { statSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { createBudget } from '../src/explain/budget.ts';
import { createImageReader } from '../src/explain/read-image.ts';
import { makeTemporaryFolder } from './helper/temporary-folder.ts';

test('what works take together never exceeds the total, and all of them come to their turn in order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 20 }),
      fc.scheduler(),
      async (amounts, scheduler) => {
        const budget = createBudget(100);
        const order: number[] = [];
        let taken = 0;
        const work = async (amount: number, i: number): Promise<void> => {
          const giveBack = await budget.take(amount);
          order.push(i);
          taken += Math.min(amount, 100);
          expect(taken).toBeLessThanOrEqual(100);
          await scheduler.schedule(Promise.resolve());
          taken -= Math.min(amount, 100);
          giveBack();
          giveBack();
        };
        const all = Promise.all(amounts.map(work));
        await scheduler.waitFor(all);
        expect(order).toEqual(amounts.map((_, i) => i));
        expect(taken).toBe(0);
      },
    ),
  );
});

const input: InputDescription = {
  ...{ height: 8, width: 8, channelOrder: 'rgb', scale: 1, mean: [0, 0, 0], std: [1, 1, 1] },
  ...{ fit: 'squash', cropFraction: 1, resize: 'bilinear-antialias', pad: [0, 0, 0] },
};

/** Writes a PNG of noise, which compresses badly: half of its bytes hold half of its rows. */
async function writeNoise(file: string, width: number, height: number): Promise<string> {
  const noise = { type: 'gaussian', mean: 99, sigma: 30 } as const;
  const picture = { width, height, channels: 3, background: 'black', noise } as const;
  await sharp({ create: picture }).png().toFile(file);
  return file;
}

/** Long enough for a small picture to be read several times over. */
const WAIT_MS = 300;

const isWaiting = async (read: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    read.then(() => false),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(true), WAIT_MS)),
  ]);

test('an image waits until those before it have left it room', async () => {
  const folder = makeTemporaryFolder();
  // 48 x 36 pixels each: two of them go side by side.
  const [a, b, c] = await Promise.all(
    ['a.png', 'b.png', 'c.png'].map((name) => writeNoise(path.join(folder, name), 48, 36)),
  );
  const read = createImageReader(undefined, input, undefined, {
    bytes: 2 ** 20,
    pixels: 2 * 48 * 36,
  });
  const [first] = await Promise.all([read(a!), read(b!)]);
  const third = read(c!);
  expect(await isWaiting(third)).toBe(true);
  first.release();
  expect((await third).image.width).toBe(48);
});

test('an image that fails leaves nothing taken', async () => {
  const folder = makeTemporaryFolder();
  const good = await writeNoise(path.join(folder, 'good.png'), 48, 36);
  const torn = await writeNoise(path.join(folder, 'torn.png'), 40, 40);
  truncateSync(torn, Math.floor(statSync(torn).size / 2));
  const read = createImageReader(undefined, input, undefined, { bytes: 2 ** 20, pixels: 40 * 40 });
  for (let i = 0; i < 3; i++) {
    await expect(read(torn)).rejects.toMatchObject({ kind: 'image' });
  }
  expect((await read(good)).image.height).toBe(36);
});
