import { batchItem, type NdArray } from '../base/nd-array.ts';
import type { Session } from '../engines/port/engine.ts';
import { fixRank, type ResolvedSeed, type Seed, type SeedClass } from '../engines/port/seed.ts';
import type { Method, RunMethod } from '../methods/method.ts';
import { GradcamError } from '../base/errors.ts';
import type { ModelRun } from '../methods/model-run.ts';
import { mainHead } from '../network/network.ts';
import type { ReluPolicy } from '../network/op.ts';
import type { Preset, PresetName, PresetScore } from './preset.ts';
import { peerMethod } from './presets.ts';

/** A peer's own raw map of what an explanation explains. */
export interface PeerMap {
  readonly preset: PresetName;
  readonly method: string;
  /** From the peer's score, ReLUs and formula, in the model's channel order. */
  readonly raw: NdArray;
}

/** What is imitated, and the run of our own that it may take from. */
export interface PeerPlan {
  readonly session: Session;
  /** The model's input [1, height, width, channels]. */
  readonly values: NdArray;
  readonly preset: Preset;
  readonly methods: readonly Method[];
  readonly nodes: readonly string[];
  /** Seeds of the targets, of their logits. */
  readonly seeds: readonly Seed[];
  /** Our run: of logits, with plain ReLUs between the layers and the scores. */
  readonly base: ModelRun;
  readonly signal?: AbortSignal | undefined;
  /** For one run of the methods of many runs, and their budget. */
  readonly batch?: number | undefined;
  readonly runs?: number | undefined;
}

/**
 * Runs the model as the peer does, where that is not how it has been run, and gives the peer's raw
 * map of any target, method and node of the plan.
 *
 * @throws GradcamError `unsupported` for a method that the peer does not offer.
 * @throws the signal's reason when aborted, between runs.
 */
export async function runLikePeer(
  plan: PeerPlan,
): Promise<(target: number, method: Method, node: string) => PeerMap> {
  const { preset, methods, nodes, base } = plan;
  const ownScore = outputScore(plan);
  const isOurs = ownScore === 'logit' && preset.tail === 'plain';
  const layers = isOurs
    ? base
    : await runOnce(plan, ownScore, preset.tail, nodes).then((result) => ({
        seeds: result.seeds.map((items) => items[0]!),
        layer: (node: string, target: number) => ({
          activations: batchItem(result.outputs.get(node)!, 0),
          gradients: batchItem(result.gradients[target]!.get(node)!, 0),
        }),
      }));

  const atInput = new Map<string, (target: number) => NdArray>();
  for (const method of methods) {
    if (method.kind !== 'pixels') continue;
    const score = peerMethod(preset, method.name).inputScore ?? ownScore;
    atInput.set(method.name, await runToInput(plan, score, method.policy));
  }

  const atRuns = await runManyLikePeer(plan, ownScore);

  return (target, method, node) => {
    const peer = peerMethod(preset, method.name);
    const layer = layers.layer(node, target);
    const { score } = layers.seeds[target]!;
    const named = { preset: preset.name, method: method.name };
    if (method.kind === 'runs') return { ...named, raw: atRuns(target, method, node) };
    if (method.kind === 'grid') {
      const raw = peer.gridMap?.({ ...layer, score }) ?? method.computeMap(layer);
      return { ...named, raw };
    }
    const inputGradients = atInput.get(method.name)!(target);
    const inputs = { input: batchItem(plan.values, 0), inputGradients, layer };
    return { ...named, raw: (peer.pixelMap ?? method.computeMap)(inputs) };
  };
}

/** Maps of the methods of many runs, by the peer's way or by ours where that is the same. */
async function runManyLikePeer(
  plan: PeerPlan,
  score: PresetScore,
): Promise<(target: number, method: RunMethod, node: string) => NdArray> {
  const { session, values, preset, nodes, base, signal, batch, runs } = plan;
  const seeds = plan.seeds.map((seed, i) => scoreSeed(seed, base.seeds[i]!, score));
  const found = new Map<string, readonly NdArray[]>();
  const keyOf = ({ name, usesLayer }: RunMethod, node: string): string =>
    usesLayer ? JSON.stringify([name, node]) : name;
  for (const method of plan.methods) {
    if (method.kind !== 'runs') continue;
    const { runMaps } = peerMethod(preset, method.name);
    for (const layer of method.usesLayer ? nodes : nodes.slice(0, 1)) {
      const options = {
        layer,
        seeds,
        ...(signal === undefined ? {} : { signal }),
        ...(batch === undefined ? {} : { batch }),
        ...(runs === undefined ? {} : { runs }),
      };
      const maps =
        runMaps === undefined
          ? (await method.computeMaps(session, values, options)).map(({ map }) => map)
          : await runMaps(session, values, options);
      found.set(keyOf(method, layer), maps);
    }
  }
  return (target, method, node) => found.get(keyOf(method, node))![target]!;
}

/** What a peer that differentiates the model's output differentiates of this model. */
function outputScore({ preset, session }: PeerPlan): PresetScore {
  const { activation } = mainHead(session.network);
  return preset.score === 'probability' && activation === 'linear' ? 'logit' : preset.score;
}

async function runToInput(
  plan: PeerPlan,
  score: PresetScore,
  policy: ReluPolicy,
): Promise<(target: number) => NdArray> {
  if (score === 'logit') return (target) => plan.base.inputGradients(policy, target);
  const [input] = plan.session.network.inputs as [string];
  const { gradients } = await runOnce(plan, score, policy, []);
  return (target) => batchItem(gradients[target]!.get(input)!, 0);
}

/** Gradients with respect to the nodes, of none with respect to the input. */
async function runOnce(
  { session, values, seeds, base, signal }: PeerPlan,
  score: PresetScore,
  relu: ReluPolicy,
  nodes: readonly string[],
): ReturnType<Session['run']> {
  signal?.throwIfAborted();
  const [input] = session.network.inputs as [string];
  const peerSeeds = seeds.map((seed, i) => scoreSeed(seed, base.seeds[i]!, score));
  const result = await session.run({
    inputs: { [input]: values },
    outputs: nodes,
    gradient: { seeds: peerSeeds, wrt: nodes.length > 0 ? nodes : [input], relu },
  });
  signal?.throwIfAborted();
  return result;
}

/** The seed of the same target by a peer's score; a rank is the class that it was. */
function scoreSeed({ of }: Seed, resolved: ResolvedSeed, score: PresetScore): Seed {
  const settled = fixRank(of, resolved);
  if ('scalar' in settled || 'direction' in settled) {
    if (score === 'logit') return { score, of: settled };
    const name = 'scalar' in settled ? ` ${settled.scalar.name}` : '';
    throw new GradcamError(
      'unsupported',
      `target${name}: the peer differentiates its own score of a class, not a function of several scores`,
    );
  }
  return score === 'negative-log-probability'
    ? { score: 'logProbability', of: negate(settled) }
    : { score, of: settled };
}

function negate(of: SeedClass): SeedClass {
  if ('class' in of) return { not: of.class };
  if ('not' in of) return { class: of.not };
  if ('contrast' in of) return { contrast: [of.contrast[1], of.contrast[0]] };
  throw new Error('a rank must be settled before it is negated');
}
