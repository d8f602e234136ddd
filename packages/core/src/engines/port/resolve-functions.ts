import { mainHead } from '../../network/network.ts';
import type { PassSeed, RunRequest, RunResult, Session } from './engine.ts';
import { isListOfSeeds, joinGradients, resolveBatch } from './resolve-batch.ts';
import type { Seed } from './seed.ts';

/**
 * A pass on an engine that cannot evaluate functions as seeds.
 *
 * A first pass, forward only, gives the logits, and the functions are evaluated on these. Their gradients
 * then go into the second pass as numbers.
 *
 * @param pass the engine's own pass, which is never given a function.
 */
export async function passWithFunctions(
  { network }: Pick<Session, 'network'>,
  request: RunRequest,
  pass: (request: RunRequest) => Promise<RunResult>,
): Promise<RunResult> {
  const { gradient, ...forward } = request;
  if (gradient === undefined || !gradient.seeds.some(isFunction)) return pass(request);
  const { logits } = await pass({ ...forward, outputs: [] });
  const resolved = gradient.seeds.map((seed) =>
    isFunction(seed) ? resolveBatch(seed, logits, mainHead(network)) : null,
  );
  const seeds = gradient.seeds.map((seed, s) => {
    const own = resolved[s];
    return own == null ? seed : joinGradients(own);
  });
  const result = await pass({ ...request, gradient: { ...gradient, seeds } });
  return { ...result, seeds: result.seeds.map((own, s) => resolved[s] ?? own) };
}

function isFunction(seed: PassSeed): seed is Seed | readonly Seed[] {
  if (seed instanceof Float32Array) return false;
  const all = isListOfSeeds(seed) ? seed : [seed];
  return all.some(({ of }) => 'scalar' in of);
}
