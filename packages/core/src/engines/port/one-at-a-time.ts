import type { NdArray } from '../../base/nd-array.ts';
import type { RunRequest, RunResult, Session } from './engine.ts';
import { joinItems, takeItem } from './join-items.ts';
import { isListOfSeeds } from './resolve-batch.ts';

/**
 * A session that runs each item of a batch alone, for a model that does not compute a batch as its items.
 * Disposing it disposes the given session.
 */
export function oneAtATime(session: Session): Session {
  const { readWeights, atOutput } = session;
  return {
    network: session.network,
    ...(session.engine !== undefined && { engine: session.engine }),
    async run(request) {
      const count = countItems(request);
      if (count === 1) return session.run(request);
      const results: RunResult[] = [];
      for (let item = 0; item < count; item++) {
        results.push(await session.run(itemOf(request, item, count)));
      }
      return joinResults(results);
    },
    ...(readWeights !== undefined && { readWeights: (names) => readWeights.call(session, names) }),
    ...(atOutput !== undefined && {
      atOutput: (place) => oneAtATime(atOutput.call(session, place)),
    }),
    dispose: () => session.dispose(),
  };
}

function countItems({ inputs = {}, from }: RunRequest): number {
  const [first] = from === undefined ? Object.values(inputs) : [from.value];
  return Math.max(1, first?.shape[0] ?? 1);
}

/** The part of a request that is about one item. */
function itemOf(
  { inputs, from, gradient, ...rest }: RunRequest,
  item: number,
  count: number,
): RunRequest {
  const take = (array: NdArray): NdArray => takeItem(array, item);
  return {
    ...rest,
    ...(inputs !== undefined && {
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([name, array]) => [name, take(array)]),
      ),
    }),
    ...(from !== undefined && { from: { ...from, value: take(from.value) } }),
    ...(gradient !== undefined && {
      gradient: {
        ...gradient,
        seeds: gradient.seeds.map((seed) => {
          if (isListOfSeeds(seed)) return [seed[item]!];
          if (!(seed instanceof Float32Array) || seed.length % count !== 0) return seed;
          const classes = seed.length / count;
          return seed.subarray(item * classes, (item + 1) * classes);
        }),
      },
    }),
  };
}

function joinResults(results: readonly RunResult[]): RunResult {
  const [first] = results as [RunResult];
  const joinAll = (of: (result: RunResult) => ReadonlyMap<string, NdArray>): Map<string, NdArray> =>
    new Map(
      [...of(first).keys()].map((name) => [
        name,
        joinItems(results.map((one) => of(one).get(name)!)),
      ]),
    );
  return {
    logits: joinItems(results.map(({ logits }) => logits)),
    outputs: joinAll(({ outputs }) => outputs),
    gradients: first.gradients.map((_, seed) => joinAll(({ gradients }) => gradients[seed]!)),
    seeds: first.seeds.map((_, seed) => results.flatMap(({ seeds }) => seeds[seed]!)),
  };
}
