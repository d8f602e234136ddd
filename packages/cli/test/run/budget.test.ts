import type { InputDescription } from '@gradcam/core';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { createBudget } from '../../src/runs/explain/budget.ts';
import { createImageReader } from '../../src/runs/explain/read-image.ts';
import { makeTemporaryFolder } from '../run-command.ts';
import { writeNoise } from './demo-run.ts';

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
  const [a, b, c] = await writeNoise(folder, 3);
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
  const [good] = await writeNoise(folder, 1);
  const torn = path.join(folder, 'torn.png');
  const png = await sharp({
    create: {
      width: 40,
      height: 40,
      channels: 3,
      background: 'black',
      noise: { type: 'gaussian', mean: 99, sigma: 30 },
    },
  })
    .png()
    .toBuffer();
  writeFileSync(torn, png.subarray(0, png.length / 2));
  const read = createImageReader(undefined, input, undefined, { bytes: 2 ** 20, pixels: 40 * 40 });
  for (let i = 0; i < 3; i++) {
    await expect(read(torn)).rejects.toMatchObject({ kind: 'image' });
  }
  expect((await read(good!)).image.height).toBe(36);
});
