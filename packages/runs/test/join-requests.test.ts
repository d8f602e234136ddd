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
