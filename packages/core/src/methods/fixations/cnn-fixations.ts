import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { GradcamError, isGradcamError } from '../../base/errors.ts';
import type { Session } from '../../engines/port/engine.ts';
import { resolveSeed } from '../../engines/port/seed.ts';
import { mainHead, type Network } from '../../network/network.ts';
import { indexNodes } from '../../network/walk-graph.ts';
import type { Method } from '../method.ts';
import { imageSize, runInBatches, type SeededRunOptions } from '../passes/batched-runs.ts';
import { imageInput } from '../passes/forward-pass.ts';
import type { Cell, FixationConvention, Sign } from './crossing.ts';
import { blurFixations, removeOutliers } from './fixation-map.ts';
import { planRoute, type Route } from './route.ts';
import { unravel, type Fixation, type UnravelSource } from './unravel.ts';

export interface FixationOptions extends Omit<SeededRunOptions, 'batch'> {
  /** Default: windows by their centre, batch normalisations folded. */
  readonly convention?: FixationConvention;
}

/** CNN-Fixations of one seed. */
export interface Fixations {
  /** All places, row by row, in cells of the model's input. */
  readonly points: readonly Fixation[];
  /** The points without outliers. */
  readonly kept: readonly Fixation[];
  /** [height, width] of the input, at least 0: the kept points, blurred. */
  readonly map: NdArray;
}

/**
 * CNN-Fixations: the places of the picture that are to be blamed for a score, found without gradients. One
 * forward pass keeps the values of all layers. From the score, the walk goes back layer by layer to the
 * cells with the largest contributions.
 *
 * A seed starts at every score on which it depends, by the sign of its derivative: for `not:` the walk asks
 * which cells lower the score. The size of a derivative does not count.
 *
 * @param input [1, height, width, channels].
 * @returns one result for each seed.
 * @throws GradcamError `unsupported` for a network with an op that cannot be unravelled, and for a session
 *   that does not give its weights.
 * @see Mopuri, Garg and Babu 2018, arXiv 1708.06670; the authors' program val-iisc/cnn-fixations
 */
export async function computeFixations(
  session: Session,
  input: NdArray,
  { seeds, convention = ourConvention, ...options }: FixationOptions,
): Promise<Fixations[]> {
  const { network } = session;
  const [height, width] = imageSize(input);
  const route = planRoute(network);
  const head = mainHead(network);
  const found: Fixations[] = [];
  await runInBatches(1, { ...options, batch: 1 }, async () => {
    const { source, logits } = await readSource(session, input, route);
    for (const { of } of seeds) {
      const { gradient } = resolveSeed({ score: 'logit', of }, logits, head);
      const points = unravel(route, startAt(gradient), head.logits, source, convention);
      const kept = removeOutliers(points, [height, width]);
      found.push({ points, kept, map: blurFixations(kept, [height, width]) });
    }
  });
  return found;
}

const ourConvention: FixationConvention = { window: 'centre', batchNorm: 'folded' };

function startAt(gradient: Float32Array): Cell[] {
  return Array.from(gradient, (factor, index) => ({
    index,
    sign: Math.sign(factor) as Sign,
  })).filter(({ sign }) => sign !== 0);
}

/** Runs the forward pass, and reads the weights that the rules look at. */
async function readSource(
  session: Session,
  input: NdArray,
  { steps }: Route,
): Promise<{ readonly source: UnravelSource; readonly logits: Float32Array }> {
  const nodes = indexNodes(session.network);
  const [image = ''] = session.network.inputs;
  const read = new Set(steps.flatMap(({ node, rule }) => (rule.reads ? node.inputs : [])));
  const constants = [...read]
    .map((name) => nodes.get(name)!)
    .filter(({ op }) => op.kind === 'constant');
  const names = new Set([
    ...constants.map(({ weights }) => weights['value']!),
    ...steps.flatMap(({ node, rule }) => rule.roles.flatMap((role) => node.weights[role] ?? [])),
  ]);
  if (session.readWeights === undefined) {
    throw new GradcamError(
      'unsupported',
      `cnn-fixations needs the weights of model ${session.network.name}, which this session does not give; use occlusion`,
    );
  }
  const weights = new Map(
    // The values of a weight may be computed each time they are read.
    [...(await session.readWeights([...names]))].map(([name, { shape, data }]) => [
      name,
      { shape, data },
    ]),
  );
  const known = new Map([
    [image, input.data],
    ...constants.map(({ name, weights: own }) => [name, weights.get(own['value']!)!.data] as const),
  ]);
  const outputs = [...read].filter((name) => !known.has(name));
  const result = await session.run({ inputs: imageInput(session, input), outputs });
  return {
    logits: batchItem(result.logits, 0).data,
    source: {
      value: (name) => known.get(name) ?? result.outputs.get(name)!.data,
      weight: (name) => weights.get(name)!,
      shape: (name) => nodes.get(name)!.shape,
    },
  };
}

/** Why a network cannot be unravelled; null where it can. */
function findObstacle(network: Network): string | null {
  try {
    planRoute(network);
    return null;
  } catch (error) {
    if (!isGradcamError(error, 'unsupported')) throw error;
    return error.message;
  }
}

/** The `explain` of CNN-Fixations under a convention. */
export function explainFixations(convention: FixationConvention): Method['explain'] {
  return async ({ session, input, seeds, signal, onProgress }) => {
    const options = { seeds, convention, signal, onProgress };
    const found = await computeFixations(session, input, options);
    return found.map(({ map, kept }) => ({ map, points: kept }));
  };
}

export const cnnFixations: Method = {
  name: 'cnn-fixations',
  aliases: ['fixations'],
  title: 'CNN-Fixations',
  paper: 'https://arxiv.org/abs/1708.06670',
  summary: 'The pixels that the score goes back to, layer by layer, without gradients.',
  cost: 'a forward run that keeps the values of all layers',
  map: 'grid',
  relu: true,
  usesLayer: false,
  passes: 'own',
  gradientFree: true,
  findObstacle,
  explain: explainFixations(ourConvention),
};
