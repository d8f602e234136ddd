import type { PreparedInput } from '@gradcam/core';
import type { ExplainedImage, Explainer, ExplainerOptions } from '@gradcam/runs';
import { expect, test } from 'vitest';
import { createBatcher } from '../src/http/batch/batcher.ts';

/** An explainer whose answers the test gives. */
function createStub() {
  const asked: {
    input: PreparedInput;
    options: ExplainerOptions;
    settle: () => void;
    fail: (error: Error) => void;
  }[] = [];
  const explainer: Explainer = {
    explain: (input, options) =>
      new Promise((resolve, reject) => {
        const settle = (): void => resolve(input as unknown as ExplainedImage);
        asked.push({ input, options, settle, fail: reject });
      }),
    drop: () => {},
  };
  return { asked, explainer };
}

const input = (name: string): PreparedInput => name as unknown as PreparedInput;
const never = new AbortController().signal;
const pause = (ms = 20): Promise<void> => new Promise((go) => setTimeout(go, ms));
const camOptions = { methods: ['grad-cam'] };

test('requests with the same options are one run, others another, each answered for itself', async () => {
  const { asked, explainer } = createStub();
  const runs: number[] = [];
  const onRun = ({ queuedMs }: { queuedMs: readonly number[] }) => void runs.push(queuedMs.length);
  const batcher = createBatcher(explainer, { most: 4, windowMs: 5, onRun });
  const first = batcher.explain(input('a'), camOptions, never);
  const second = batcher.explain(input('b'), camOptions, never);
  const other = batcher.explain(input('c'), { methods: ['rise'] }, never);
  await pause();
  // The second group waits, although its window is over, because the engine is at work.
  expect(asked.map((one) => one.input)).toEqual(['a', 'b']);
  asked[0]!.settle();
  asked[1]!.fail(new Error('no such pixel'));
  await expect(first).resolves.toBe('a');
  await expect(second).rejects.toThrow('no such pixel');
  await pause();
  expect(asked.map((one) => one.input)).toEqual(['a', 'b', 'c']);
  asked[2]!.settle();
  await expect(other).resolves.toBe('c');
  expect(runs).toEqual([2, 1]);
});

test('a full run does not wait, and one more waits ready in the engine', async () => {
  const { asked, explainer } = createStub();
  const batcher = createBatcher(explainer, { most: 2, windowMs: 60_000, onRun: () => {} });
  const results = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    batcher.explain(input(name), camOptions, never),
  );
  await pause();
  expect(asked.map((one) => one.input)).toEqual(['a', 'b', 'c', 'd']);
  for (const one of asked.slice(0, 2)) one.settle();
  await pause();
  for (const one of asked.slice(2)) one.settle();
  await expect(Promise.all(results)).resolves.toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

test('who leaves takes a request out; a run that all have left is cancelled', async () => {
  const { asked, explainer } = createStub();
  const batcher = createBatcher(explainer, { most: 2, windowMs: 5, onRun: () => {} });
  const leaving = ['a', 'b', 'c'].map(() => new AbortController());
  const results = leaving.map(({ signal }, i) =>
    batcher.explain(input('abc'[i]!), camOptions, signal),
  );
  const outcomes = Promise.allSettled(results);
  await pause();
  expect(asked.map((one) => one.input)).toEqual(['a', 'b']);
  leaving[2]!.abort();
  leaving[0]!.abort();
  expect(asked[1]!.options.signal?.aborted).toBe(false);
  leaving[1]!.abort();
  expect(asked[1]!.options.signal?.aborted).toBe(true);
  for (const one of asked) one.fail(new Error('cancelled'));
  expect((await outcomes).map(({ status }) => status)).toEqual([
    'rejected',
    'rejected',
    'rejected',
  ]);
  const next = batcher.explain(input('d'), camOptions, never);
  await pause();
  expect(asked.map((one) => one.input)).toEqual(['a', 'b', 'd']);
  asked[2]!.settle();
  await expect(next).resolves.toBe('d');
});
