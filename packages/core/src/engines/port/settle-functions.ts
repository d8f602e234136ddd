import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { mainHead } from '../../network/network.ts';
import type { ScoreRule } from './probabilities.ts';
import type { RunRequest, RunResult, Session } from './engine.ts';
import { resolveSeed, type ResolvedSeed, type Seed } from './seed.ts';

/**
 * A run on an engine that takes no functions as seeds: the scores come from a forward run of their
 * own, and the functions' gradients go into the second one as numbers.
 *
 * @param run the engine's own run.
 */
export async function runWithFunctions(
  { network }: Pick<Session, 'network'>,
  request: RunRequest,
  run: (request: RunRequest) => Promise<RunResult>,
): Promise<RunResult> {
  const { gradient } = request;
  if (gradient === undefined || !gradient.seeds.some(isFunction)) return run(request);
  const head = mainHead(network);
  const { logits } = await run(withoutGradient(request));
  const resolved = gradient.seeds.map((seed) =>
    isFunction(seed) ? resolveEach(seed, logits, head) : null,
  );
  const seeds = gradient.seeds.map((seed, s) => {
    const own = resolved[s];
    return own == null ? seed : joinGradients(own);
  });
  const result = await run({ ...request, gradient: { ...gradient, seeds } });
  return { ...result, seeds: result.seeds.map((own, s) => resolved[s] ?? own) };
}

function isFunction(seed: Seed | Float32Array): seed is Seed {
  return !(seed instanceof Float32Array) && 'scalar' in seed.of;
}

function withoutGradient({ inputs, from }: RunRequest): RunRequest {
  return {
    ...(inputs === undefined ? {} : { inputs }),
    ...(from === undefined ? {} : { from }),
    outputs: [],
  };
}

function resolveEach(seed: Seed, logits: NdArray, rule: ScoreRule): ResolvedSeed[] {
  return Array.from({ length: logits.shape[0]! }, (_, i) =>
    resolveSeed(seed, batchItem(logits, i).data, rule),
  );
}

function joinGradients(seeds: readonly ResolvedSeed[]): Float32Array {
  const classes = seeds[0]?.gradient.length ?? 0;
  const joined = new Float32Array(seeds.length * classes);
  seeds.forEach(({ gradient }, i) => joined.set(gradient, i * classes));
  return joined;
}
