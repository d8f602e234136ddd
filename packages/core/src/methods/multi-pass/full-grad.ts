import { batchItem, type NdArray } from '../../base/nd-array.ts';
import type { RunResult, Session } from '../../engines/port/engine.ts';
import { enlargeMap } from '../../image/enlarge-map.ts';
import { mainHead } from '../../network/network.ts';
import type { Method } from '../method.ts';
import { imageSize, runInBatches, type SeededRunOptions } from '../passes/batched-runs.ts';
import { imageInput } from '../passes/forward-pass.ts';
import { listNodesOfScores, readBiases, type Biases } from './bias-terms.ts';

/** Each seed needs its own pass through the model. */
export type FullGradOptions = Omit<SeededRunOptions, 'batch'>;

/** The part of the score that one bias contributes, in the shape of its layer's output. */
export interface BiasTerm {
  /** Name of the layer's node. */
  readonly node: string;
  /** Bias times the score's gradient at the node's output; signed. */
  readonly values: NdArray;
}

/** FullGrad of one seed. */
export interface FullGrad {
  /** [height, width] of the input, at least 0: see {@link computeFullGradMap}. */
  readonly map: NdArray;
  /** Input times gradient, [height, width, channels], signed. */
  readonly inputTerm: NdArray;
  readonly biasTerms: readonly BiasTerm[];
  /** The seed's linear score, sum_i (d score / d logit_i) logit_i. For a logit it is the score itself. */
  readonly score: number;
  /**
   * Sum of all terms minus the score. It is zero, apart from rounding, for a net of linear layers, ReLUs,
   * bounded ReLUs and pools. Elsewhere it is the part that smooth activations and products leave out.
   */
  readonly completenessError: number;
}

/**
 * FullGrad: in a piecewise linear net the score is exactly the input times its gradient plus every bias
 * times its gradient, y = sum x dy/dx + sum_l sum b_l dy/db_l. The map adds the magnitudes of these
 * terms at their places.
 *
 * The biases are those of convolutions, dense layers and shifts, constants that are added or joined to a
 * value (position tables, class tokens), the constants that batch normalisations add in effect, and the
 * bounds of bounded ReLUs where they are reached.
 *
 * @param input [1, height, width, channels].
 * @returns one result for each seed.
 * @throws GradcamError `unsupported` for a session that does not give its weights.
 * @see Srinivas and Fleuret 2019, arXiv 1905.00780, equations 2 and 5
 */
export async function computeFullGrad(
  session: Session,
  input: NdArray,
  { seeds, ...options }: FullGradOptions,
): Promise<FullGrad[]> {
  imageSize(input);
  const biases = await readBiases(session);
  const inputNodes = listNodesOfScores(session.network)
    .filter(({ op }) => op.kind === 'input')
    .map(({ name }) => name);
  const bounded = biases.capped.map(({ node }) => node.name);
  const biased = biases.biased.map(({ node }) => node.name);
  const { logits: last } = mainHead(session.network);
  const wrt = [...new Set([...inputNodes, ...biased, ...bounded])].filter((name) => name !== last);
  const request = {
    inputs: imageInput(session, input),
    outputs: [...new Set([...inputNodes, ...bounded])],
  };

  const found: FullGrad[] = [];
  // Seeds run one at a time, since the gradients of all layers together are as large as all activations.
  await runInBatches(seeds.length, { ...options, batch: 1 }, async (seedIndex) => {
    const gradient = { seeds: [seeds[seedIndex]!], wrt, relu: 'plain' } as const;
    const pass = await session.run({ ...request, gradient });
    found.push(sumTerms(session, biases, pass, inputNodes));
  });
  return found;
}

function sumTerms(
  session: Session,
  biases: Biases,
  pass: RunResult,
  inputNodes: readonly string[],
): FullGrad {
  const { logits: last } = mainHead(session.network);
  const { gradient: seed } = pass.seeds[0]![0]!;
  const gradientAt = (node: string): Float32Array =>
    node === last ? seed : pass.gradients[0]!.get(node)!.data;
  const termOf = (node: string): NdArray =>
    multiply(batchItem(pass.outputs.get(node)!, 0), gradientAt(node));
  const biasTerms = listBiasTerms(biases, gradientAt, (node) => pass.outputs.get(node)!.data);
  const { data: logits } = batchItem(pass.logits, 0);
  const score = logits.reduce((sum, logit, i) => sum + seed[i]! * logit, 0);
  const terms = [...inputNodes.map(termOf), ...biasTerms.map(({ values }) => values)];
  const inputTerm = termOf(session.network.inputs[0]!);
  return {
    map: computeFullGradMap({ inputTerm, biasTerms: biasTerms.map(({ values }) => values) }),
    inputTerm,
    biasTerms,
    score,
    completenessError: terms.reduce((sum, { data }) => data.reduce(add, sum), 0) - score,
  };
}

/** Each bias times its gradient; for a bounded ReLU, its bound times the gradient where it is reached. */
function listBiasTerms(
  { biased, capped }: Biases,
  gradientAt: (node: string) => Float32Array,
  valueAt: (node: string) => Float32Array,
): BiasTerm[] {
  return [
    ...biased.map(({ node: { name, shape }, bias }) => {
      const data = gradientAt(name).map((g, i) => g * bias[i % bias.length]!);
      return { node: name, values: { shape, data } };
    }),
    ...capped.map(({ node: { name, shape }, bound }) => {
      const value = valueAt(name);
      const data = gradientAt(name).map((g, i) => (value[i]! >= bound ? g * bound : 0));
      return { node: name, values: { shape, data } };
    }),
  ];
}

function multiply({ shape, data }: NdArray, gradient: Float32Array): NdArray {
  return { shape, data: data.map((value, i) => value * gradient[i]!) };
}

function add(a: number, b: number): number {
  return a + b;
}

/**
 * The map of FullGrad from its terms: psi(x dy/dx) + sum_l sum_k psi(b_l dy/db_l), where psi takes the
 * magnitude, scales it to 0..1 by the term's own range and enlarges it to the input (bilinear, half-pixel).
 *
 * The range is taken over all channels of a layer, as in the authors' program. Terms without a place,
 * such as those of dense layers and of images of one cell, count for the score and not for the map.
 *
 * @param inputTerm [height, width, channels].
 * @param biasTerms of any layers; only those of shape [rows, columns, channels] count.
 * @returns [height, width], at least 0.
 * @see Srinivas and Fleuret 2019, arXiv 1905.00780, equation 5
 */
export function computeFullGradMap({
  inputTerm,
  biasTerms,
}: {
  readonly inputTerm: NdArray;
  readonly biasTerms: readonly NdArray[];
}): NdArray {
  const [height = 1, width = 1] = inputTerm.shape;
  const data = new Float64Array(height * width);
  for (const term of [inputTerm, ...biasTerms]) {
    const [rows = 1, columns = 1, channels] = term.shape;
    if (channels === undefined || rows * columns === 1) continue;
    // Enlarging is linear, so the channels can be added before it.
    const sum = { shape: [rows, columns], data: sumOfRescaled(term) };
    enlargeMap(sum, [height, width]).forEach((value, i) => (data[i]! += value));
  }
  return { shape: [height, width], data: Float32Array.from(data) };
}

/** Sum over channels of the magnitudes, which are scaled to 0..1 by their range over the whole term. */
function sumOfRescaled({ shape, data }: NdArray): Float32Array {
  const channels = shape[2] ?? 1;
  let least = Infinity;
  let most = 0;
  for (const value of data) {
    least = Math.min(least, Math.abs(value));
    most = Math.max(most, Math.abs(value));
  }
  const sums = new Float32Array(data.length / channels);
  if (!(most > least)) return sums;
  data.forEach((value, i) => {
    sums[Math.floor(i / channels)]! += (Math.abs(value) - least) / (most - least);
  });
  return sums;
}

export const fullGrad: Method = {
  name: 'full-grad',
  aliases: ['fullgrad'],
  title: 'FullGrad',
  paper: 'https://arxiv.org/abs/1905.00780',
  summary: 'What the pixels and the biases of every layer give to the score, in magnitude.',
  cost: 'a forward and a backward run through the whole net for each target',
  map: 'grid',
  relu: false,
  usesLayer: false,
  passes: 'own',
  async explain({ session, input, ...options }) {
    const found = await computeFullGrad(session, input, options);
    // Every cell of every layer adds something, so all pixels share the smallest value of the map.
    return found.map(({ map, completenessError }) => ({
      map,
      completenessError,
      nothing: map.data.reduce((least, value) => Math.min(least, value), Infinity),
    }));
  },
};
