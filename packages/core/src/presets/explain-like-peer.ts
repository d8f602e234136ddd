import { batchItem, type NdArray } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';
import type { RunResult } from '../engines/port/engine.ts';
import { fixRank, type ResolvedSeed, type Seed, type SeedClass } from '../engines/port/seed.ts';
import { explainEach } from '../methods/explain-each.ts';
import type { Method, MethodContext } from '../methods/method.ts';
import { imageInput } from '../methods/passes/forward-pass.ts';
import { cellsAt } from '../methods/passes/layer-cells.ts';
import type { SharedPass } from '../methods/shared-pass.ts';
import { mainHead, type Network } from '../network/network.ts';
import type { ReluRule } from '../network/op.ts';
import { augment, augmentations, meanOfMaps, turnBack, type Augmentation } from './augment.ts';
import { displayLike } from './display-like.ts';
import { applySteps } from './display-step.ts';
import type { Preset, PresetName, PresetScore } from './preset.ts';
import { peerMethod } from './presets.ts';
import { fromValues, toValues } from './values.ts';

/** The raw map that a peer computes for an explanation. */
export interface PeerMap {
  readonly preset: PresetName;
  readonly method: string;
  /**
   * From the peer's score, ReLU policy and formula; colours in RGB. Where the peer shows a mean of several
   * maps, it is that mean, in the input's size.
   */
  readonly raw: NdArray;
}

/**
 * The context of our own methods, with what is to be imitated. Its seeds are logits of the targets, and
 * its shared pass is taken over where the peer's would be the same.
 */
export interface PeerPlan extends Omit<MethodContext, 'layer'> {
  readonly preset: Preset;
  readonly methods: readonly Method[];
  readonly nodes: readonly string[];
  /** Computes the pass that all methods share, for another input of the same seeds. */
  readonly sharedFor: (input: NdArray) => Promise<SharedPass>;
}

/** Finds the peer's raw map of a seed, by a method, at one node or at several that the peer joins. */
export type FindPeerMap = (seedIndex: number, method: Method, nodes: readonly string[]) => PeerMap;

/**
 * Computes the raw maps of the plan as the peer does. Passes of the model that differ from ours are run
 * first.
 *
 * @returns a function that finds a map at nodes of the plan.
 * @throws GradcamError `unsupported` for a method that the peer does not offer, and for a function of
 *   several scores where the peer differentiates its own score of a class.
 * @throws the signal's reason when aborted, between passes.
 */
export async function explainLikePeer(plan: PeerPlan): Promise<FindPeerMap> {
  const { preset, methods, nodes, shared } = plan;
  if (preset.augments !== undefined) return explainAugmented(plan, preset.augments);
  const score = chooseScore(plan);
  const isOurs = score === 'logit' && preset.tail === 'plain';
  const atLayers = isOurs
    ? shared
    : readLayers(
        plan.session.network,
        await runPass(plan, score, { outputs: nodes, wrt: nodes, relu: preset.tail }),
      );

  const atInput = new Map<string, (seedIndex: number) => NdArray>();
  for (const { name, inputPolicy } of methods) {
    if (inputPolicy === undefined) continue;
    const { inputScore = score, relus } = peerMethod(preset, name);
    const relu = relus === undefined ? inputPolicy : { policy: inputPolicy, of: relus };
    atInput.set(name, await findInputGradients(plan, inputScore, relu));
  }

  const seeds = scoreSeeds(plan, score);
  const findMap = await explainEach({ methods, nodes }, (method, layer) => {
    const explain = peerMethod(preset, method.name).explain ?? method.explain;
    const inputGradients: SharedPass['inputGradients'] = (_, seedIndex) =>
      atInput.get(method.name)!(seedIndex);
    return explain({
      ...plan,
      seeds,
      layer,
      shared: { logits: shared.logits, ...atLayers, inputGradients },
    });
  });
  return (seedIndex, method, at) => {
    const maps = at.map((node) => findMap(seedIndex, method, node).map);
    const raw = maps.length === 1 ? maps[0]! : meanOfLayers(maps, preset, sizeOf(plan.input));
    return { preset: preset.name, method: method.name, raw };
  };
}

/** The mean of the maps of several layers, in the input's size. */
function meanOfLayers(maps: readonly NdArray[], { layerMean = [] }: Preset, size: Size): NdArray {
  return meanOfMaps(maps.map((map) => fromValues(applySteps(toValues(map), layerMean, size))));
}

/** The mean of what the peer displays for each augmented input. */
async function explainAugmented(plan: PeerPlan, base: Preset): Promise<FindPeerMap> {
  const { preset, input, shared, signal } = plan;
  // An augmented input may rank other classes first, but the map is about one class.
  const seeds = plan.seeds.map((seed, i) => ({ ...seed, of: fixRank(seed.of, shared.seeds[i]!) }));
  const found: { readonly augmentation: Augmentation; readonly find: FindPeerMap }[] = [];
  for (const augmentation of augmentations) {
    signal?.throwIfAborted();
    const augmented = augment(input, augmentation);
    const own = { preset: base, seeds, input: augmented, shared: await plan.sharedFor(augmented) };
    found.push({ augmentation, find: await explainLikePeer({ ...plan, ...own }) });
  }
  return (seedIndex, method, nodes) => {
    const shown = found.map(({ augmentation, find }) => {
      const { raw } = find(seedIndex, method, nodes);
      return turnBack(displayLike(raw, base, method.name, sizeOf(input)), augmentation);
    });
    return { preset: preset.name, method: method.name, raw: meanOfMaps(shown) };
  };
}

type Size = { readonly width: number; readonly height: number };

function sizeOf({ shape }: NdArray): Size {
  return { height: shape[1]!, width: shape[2]! };
}

/** The score that the peer differentiates. The output of a linear model is its logit. */
function chooseScore({ preset, session }: PeerPlan): PresetScore {
  const { activation } = mainHead(session.network);
  return preset.score === 'probability' && activation === 'linear' ? 'logit' : preset.score;
}

function readLayers(network: Network, result: RunResult): Pick<SharedPass, 'seeds' | 'layer'> {
  return {
    seeds: result.seeds.map((items) => items[0]!),
    layer: (node, seedIndex) => ({
      activations: batchItem(cellsAt(network, node, result.outputs.get(node)!), 0),
      gradients: batchItem(cellsAt(network, node, result.gradients[seedIndex]!.get(node)!), 0),
    }),
  };
}

async function findInputGradients(
  plan: PeerPlan,
  score: PresetScore,
  relu: ReluRule,
): Promise<(seedIndex: number) => NdArray> {
  if (score === 'logit' && typeof relu === 'string') {
    return (seedIndex) => plan.shared.inputGradients(relu, seedIndex);
  }
  const input = plan.session.network.inputs[0]!;
  const { gradients } = await runPass(plan, score, { outputs: [], wrt: [input], relu });
  return (seedIndex) => batchItem(gradients[seedIndex]!.get(input)!, 0);
}

async function runPass(
  plan: PeerPlan,
  score: PresetScore,
  asked: {
    readonly outputs: readonly string[];
    readonly wrt: readonly string[];
    readonly relu: ReluRule;
  },
): Promise<RunResult> {
  const { session, input, signal } = plan;
  signal?.throwIfAborted();
  const result = await session.run({
    inputs: imageInput(session, input),
    outputs: asked.outputs,
    gradient: { seeds: scoreSeeds(plan, score), wrt: asked.wrt, relu: asked.relu },
  });
  signal?.throwIfAborted();
  return result;
}

function scoreSeeds({ seeds, shared }: PeerPlan, score: PresetScore): Seed[] {
  return seeds.map((seed, seedIndex) => scoreSeed(seed, shared.seeds[seedIndex]!, score));
}

/** The seed of the same target with the peer's score; a rank becomes the class that has it. */
function scoreSeed({ of }: Seed, resolved: ResolvedSeed, score: PresetScore): Seed {
  const target = fixRank(of, resolved);
  if ('scalar' in target || 'direction' in target) {
    if (score === 'logit') return { score, of: target };
    const name = 'scalar' in target ? ` ${target.scalar.name}` : '';
    throw new GradcamError(
      'unsupported',
      `target${name}: the peer differentiates its own score of a class, not a function of several scores`,
    );
  }
  return score === 'negative-log-probability'
    ? { score: 'logProbability', of: negate(target) }
    : { score, of: target };
}

function negate(of: SeedClass): SeedClass {
  if ('class' in of) return { not: of.class };
  if ('not' in of) return { class: of.not };
  if ('contrast' in of) return { contrast: [of.contrast[1], of.contrast[0]] };
  throw new Error('a rank must be resolved before it is negated');
}
