import { expect, test } from 'vitest';
import { createDropQueue } from '../src/live/drop-queue.ts';
import type { GivenFiles } from '../src/live/dropped-files.ts';

/** A queue that writes down what it hands over: names of folders, and messages of errors. */
function queueInto(log: string[]) {
  return createDropQueue({
    give: ({ folder }) => log.push(String(folder)),
    fail: (error) => log.push((error as Error).message),
  });
}

/** What was dropped as a folder, and is still being listed. */
function slowDrop() {
  let end: { list: (folder: string) => void; fail: (message: string) => void };
  const collected = new Promise<GivenFiles>((resolve, reject) => {
    end = {
      list: (folder) => resolve({ folder, files: [] }),
      fail: (message) => reject(new Error(message)),
    };
  });
  return { collected, ...end! };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('a drop waits for those before it', async () => {
  const log: string[] = [];
  const [first, second] = [slowDrop(), slowDrop()];
  const enqueue = queueInto(log);
  enqueue(first.collected);
  enqueue(second.collected);
  second.list('second');
  await settled();
  expect(log).toEqual([]);
  first.list('first');
  await settled();
  expect(log).toEqual(['first', 'second']);
});

test('a drop that fails holds up none', async () => {
  const log: string[] = [];
  const [first, second] = [slowDrop(), slowDrop()];
  const enqueue = queueInto(log);
  enqueue(first.collected);
  enqueue(second.collected);
  second.list('second');
  first.fail('too many files');
  await settled();
  expect(log).toEqual(['too many files', 'second']);
});
