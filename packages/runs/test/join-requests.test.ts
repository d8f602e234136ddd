import type { PreparedInput } from '@gradcam/core';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { joinRequests } from '../src/explain/join-requests.ts';
import type { ExplainedImage, Explainer } from '../src/explain/explainer.ts';

/** An explainer whose answer to input n is n; a negative input fails. A run takes some milliseconds. */
function createFake(): { readonly explainer: Explainer; readonly runs: number[][] } {
  const runs: number[][] = [];
  const answer = async (input: PreparedInput): Promise<ExplainedImage> => {
    const n = input as unknown as number;
    if (n < 0) throw new Error(`image ${n}`);
    return n as unknown as ExplainedImage;
  };
  return {
    runs,
    explainer: {
      async explain(input) {
        runs.push([input as unknown as number]);
        await setTimeout(20);
        return answer(input);
      },
      async explainTogether(inputs, _, onProgress) {
        runs.push(inputs as unknown as number[]);
        await setTimeout(20);
        inputs.forEach((_input, i) => onProgress(i, i + 1, 10));
        return Promise.allSettled(inputs.map(answer));
      },
      drop: () => {},
    },
  };
}

const input = (n: number): PreparedInput => n as unknown as PreparedInput;
const none = (): void => {};

/** Longer than a busy machine pauses between two requests of one moment. */
const WAIT = 200;

test('an idle explainer begins at once, and requests that come meanwhile share the next run', async () => {
  const { explainer, runs } = createFake();
  const joined = joinRequests(explainer, { most: 4 });
  const options = { methods: ['grad-cam'] };
  const asked = [1, 2, 3].map((n) => joined.explain(input(n), { ...options }, none));
  expect(await Promise.all(asked)).toEqual([1, 2, 3]);
  expect(runs).toEqual([[1], [2, 3]]);
});

test('requests that differ in their questions alone share a run, each with its own', async () => {
  const { explainer, runs } = createFake();
  const asked: unknown[] = [];
  const noting: Explainer = {
    ...explainer,
    explainTogether(inputs, options, onProgress) {
      asked.push(options);
      return explainer.explainTogether!(inputs, options, onProgress);
    },
  };
  const joined = joinRequests(noting, { most: 3, wait: WAIT });
  const explain = (n: number, question?: string): Promise<ExplainedImage> =>
    joined.explain(input(n), { targets: ['yes'], ...(question && { question }) }, none);
  await Promise.all([explain(1, 'a'), explain(2, 'b'), explain(3), explain(4, 'a')]);
  await Promise.all([explain(5, 'a'), explain(6, 'a'), explain(7, 'a')]);
  expect(runs).toEqual([[1, 2, 4], [3], [5, 6, 7]]);
  expect(asked).toEqual([
    { targets: ['yes'], questions: ['a', 'b', 'a'] },
    { targets: ['yes'], question: 'a' },
  ]);
});

test('no run has more images than allowed, nor images with different options', async () => {
  const { explainer, runs } = createFake();
  const joined = joinRequests(explainer, { most: 2, wait: WAIT });
  const cats = { targets: ['cat'] };
  const dogs = { targets: ['dog'] };
  const asked = [1, 2, 3, 4].map((n) =>
    joined.explain(input(n), n === 2 ? dogs : { targets: [...cats.targets] }, none),
  );
  expect(await Promise.all(asked)).toEqual([1, 2, 3, 4]);
  expect(runs).toEqual([[1, 3], [2], [4]]);
});

test('those that have come wait for the announced ones, but not for a withdrawn or a late one', async () => {
  const { explainer, runs } = createFake();
  const joined = joinRequests(explainer, { most: 8 });
  const expected = [1, 2, 3].map(() => joined.expect());
  const first = expected[0]!.explain(input(1), {}, none);
  await setTimeout(5);
  expect(runs).toEqual([]);
  expected[1]!.withdraw();
  const third = expected[2]!.explain(input(3), {}, none);
  expect(await Promise.all([first, third])).toEqual([1, 3]);
  joined.expect();
  expect(await joined.expect().explain(input(4), {}, none)).toBe(4);
  expect(runs).toEqual([[1, 3], [4]]);
});

test('an image fails alone, and progress goes to its own image', async () => {
  const { explainer } = createFake();
  const joined = joinRequests(explainer, { most: 3, wait: WAIT });
  const progress: number[][] = [];
  const asked = [1, -2, 3].map((n) =>
    joined.explain(input(n), {}, (done, total) => progress.push([n, done, total])),
  );
  const results = await Promise.allSettled(asked);
  expect(results).toMatchObject([{ value: 1 }, { reason: { message: 'image -2' } }, { value: 3 }]);
  expect(progress).toEqual([
    [1, 1, 10],
    [-2, 2, 10],
    [3, 3, 10],
  ]);
});

test('a run that fails as a whole fails all its images; dropped requests end with AbortError', async () => {
  const { explainer } = createFake();
  const lost = { ...explainer, explainTogether: () => Promise.reject(new Error('device lost')) };
  const joined = joinRequests(lost, { most: 2, wait: WAIT });
  const asked = [1, 2].map((n) => joined.explain(input(n), {}, none));
  const results = await Promise.allSettled(asked);
  expect(results.map((one) => (one as PromiseRejectedResult).reason.message)).toEqual([
    ...['device lost', 'device lost'],
  ]);
  joined.expect();
  const waiting = joined.explain(input(3), {}, none);
  joined.drop();
  await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
});

test('requests go on one by one where the explainer cannot join them, and for evidence', async () => {
  const { explainer, runs } = createFake();
  const { explain, drop } = explainer;
  const single = joinRequests({ explain, drop }, { most: 4 });
  await Promise.all([1, 2].map((n) => single.explain(input(n), {}, none)));
  const joined = joinRequests(explainer, { most: 4 });
  const evidence = { orders: 1, steps: 1, seed: 1 };
  await Promise.all([3, 4].map((n) => joined.explain(input(n), { evidence }, none)));
  expect(runs).toEqual([[1], [2], [3], [4]]);
});

/** An explainer whose runs end when the test says so. */
function createHeld(): {
  readonly explainer: Explainer;
  readonly runs: { readonly names: unknown; readonly signal: AbortSignal | undefined }[];
  readonly end: (() => void)[];
} {
  const runs: { names: unknown; signal: AbortSignal | undefined }[] = [];
  const end: (() => void)[] = [];
  const hold = <T>(names: unknown, signal: AbortSignal | undefined, result: T): Promise<T> => {
    runs.push({ names, signal });
    return new Promise((resolve) => end.push(() => resolve(result)));
  };
  return {
    ...{ runs, end },
    explainer: {
      explain: (one, { signal }) => hold([one], signal, one as unknown as ExplainedImage),
      explainTogether: (inputs, { signal }) =>
        hold(
          inputs,
          signal,
          inputs.map((one) => ({
            status: 'fulfilled',
            value: one as unknown as ExplainedImage,
          })),
        ),
      drop: () => {},
    },
  };
}

test('a full run does not wait, and one more waits ready in the engine', async () => {
  const { explainer, runs, end } = createHeld();
  const joined = joinRequests(explainer, { most: 2, wait: 60_000 });
  const asked = [1, 2, 3, 4, 5, 6].map((n) => joined.explain(input(n), {}, none));
  await setTimeout(20);
  expect(runs.map(({ names }) => names)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  end[0]!();
  await expect.poll(() => runs.length).toBe(3);
  for (const endIt of end) endIt();
  expect(await Promise.all(asked)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('a full group passes a smaller one that waits, and an older group passes a newer one', async () => {
  const { explainer, runs, end } = createHeld();
  const joined = joinRequests(explainer, { most: 2 });
  const ask = (n: number, target: string): Promise<unknown> =>
    joined.explain(input(n), { targets: [target] }, none);
  const asked = [ask(1, 'cat'), ask(2, 'dog'), ask(3, 'cat'), ask(4, 'bus'), ask(5, 'cat')];
  await setTimeout(20);
  expect(runs.map(({ names }) => names)).toEqual([[1], [3, 5]]);
  for (const one of [0, 1]) end[one]!();
  await expect.poll(() => runs.length).toBe(3);
  end[2]!();
  await expect.poll(() => runs.length).toBe(4);
  expect(runs.slice(2).map(({ names }) => names)).toEqual([[2], [4]]);
  end[3]!();
  await Promise.all(asked);
});

test('who leaves takes a request out; a run that all have left is cancelled', async () => {
  const { explainer, runs, end } = createHeld();
  const told: number[] = [];
  const onRun = ({ queuedMs }: { queuedMs: readonly number[] }) => void told.push(queuedMs.length);
  const joined = joinRequests(explainer, { most: 2, wait: WAIT, onRun });
  const leaving = ['a', 'b', 'c'].map(() => new AbortController());
  const asked = leaving.map(({ signal }, i) => joined.explain(input(i), { signal }, none));
  const outcomes = Promise.allSettled(asked);
  await setTimeout(20);
  expect(runs.map(({ names }) => names)).toEqual([[0, 1]]);
  leaving[2]!.abort();
  leaving[0]!.abort();
  expect(runs[0]!.signal!.aborted).toBe(false);
  leaving[1]!.abort();
  expect(runs[0]!.signal!.aborted).toBe(true);
  expect((await outcomes).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  end[0]!();
  const last = joined.explain(input(4), {}, none);
  await expect.poll(() => runs.length).toBe(2);
  // Without a signal of its own, a request cannot be cancelled.
  expect(runs[1]).toEqual({ names: [4], signal: undefined });
  end[1]!();
  expect(await last).toBe(4);
  expect(told).toEqual([2, 1]);
});
