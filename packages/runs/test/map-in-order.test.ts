import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mapInOrder } from '../src/explain/map-in-order.ts';

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(() => void process.off('unhandledRejection', note));

/** Item n takes ten times its milliseconds; a negative one fails then. */
async function work(ms: number): Promise<number> {
  await setTimeout(10 * Math.abs(ms));
  if (ms < 0) throw new Error(`item ${ms}`);
  return ms;
}

test('results come in the order of the items, however long each takes', async () => {
  const results: number[] = [];
  for await (const result of mapInOrder([5, 1, 3, 2], 3, work)) results.push(result);
  expect(results).toEqual([5, 1, 3, 2]);
});

test('no more are begun and not taken than may be', async () => {
  const begun: number[] = [];
  const results = mapInOrder([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    return item;
  });
  await results.next();
  expect(begun).toEqual([1, 2]);
  await results.next();
  expect(begun).toEqual([1, 2, 3]);
});

test('an item that fails before its turn ends the work in its turn, and not the process', async () => {
  const results: number[] = [];
  const take = async (): Promise<void> => {
    for await (const result of mapInOrder([1, 6, -2, -3, 4], 4, work)) {
      results.push(result);
      // The next items fail while the taker is at work.
      await setTimeout(40);
    }
  };
  await expect(take()).rejects.toThrow('item -2');
  expect(results).toEqual([1, 6]);
  await setTimeout(0);
  expect(unhandled).toEqual([]);
});
