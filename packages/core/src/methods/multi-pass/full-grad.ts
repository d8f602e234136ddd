import { batchItem, type NdArray } from '../../base/nd-array.ts';
import { imageSize, runInBatches, type BatchedRunOptions } from '../passes/batched-runs.ts';
import { explainedInput, joinInputs, type OtherInputs } from '../passes/forward-pass.ts';
import type { Session } from '../../engines/port/engine.ts';
import type { Seed } from '../../engines/port/seed.ts';
import { resampleImage, resampleTaps } from '../../image/resample.ts';
import { mainHead } from '../../network/network.ts';
import { listNodesOfScores, readBiases, type Biases } from './bias-terms.ts';

export interface FullGradOptions extends Omit<BatchedRunOptions, 'batch'> {
  /** What is explained, each by a run of its own. */
  readonly seeds: readonly Seed[];
  /** Values [1, ..] of the model's other inputs. */
  readonly others?: OtherInputs;
}

/** What one bias gives to the score, in the shape of its layer's output. */
export interface BiasTerm {
  /** Node of the layer. */
  readonly node: string;
  /** Bias times the score's gradient there; signed. */
  readonly values: NdArray;
}

/** FullGrad of one seed. */
export interface FullGrad {
  /** [height, width] of the input, at least 0: see {@link computeFullGradMap}. */
  readonly map: NdArray;
  /** Input times gradient, [height, width, channels], signed. */
  readonly inputTerm: NdArray;
  readonly biasTerms: readonly BiasTerm[];
  /** The seed's linear score, sum_i (d score / d logit_i) logit_i: of logits the score itself. */
  readonly score: number;
  /**
   * Sum of all terms minus the score. Zero, but for rounding, where the net is made of linear layers,
   * ReLUs, bounded ReLUs and pools; elsewhere what smooth activations and products leave out.
   */
  readonly completenessError: number;
}

/**
 * FullGrad: the score is exactly input times gradient and every bias times the gradient there,
 * y = sum x dy/dx + sum_l sum b_l dy/db_l, for a net that is linear in pieces. The map adds the
 * magnitudes of these terms up where they lie.
 *
 * Biases are those of convolutions, dense layers and shifts, of batch normalisations what they add in
 * effect, and of bounded ReLUs the bound where it is reached.
 *
 * @param input [1, height, width, channels].
 * @returns one for each seed.
 * @throws GradcamError `unsupported` for a session that does not give its weights.
 * @see Srinivas and Fleuret 2019, arXiv 1905.00780, equations 2 and 5
 */
export async function computeFullGrad(
  session: Session,
  input: NdArray,
  { seeds, others, ...options }: FullGradOptions,
): Promise<FullGrad[]> {
  imageSize(input);
  const biases = await readBiases(session);
  const inputs = listNodesOfScores(session.network)
    .filter(({ op }) => op.kind === 'input')
    .map(({ name }) => name);
  const bounded = biases.capped.map(({ node }) => node.name);
  const biased = biases.biased.map(({ node }) => node.name);
  const { logits: last } = mainHead(session.network);
  const wrt = [...new Set([...inputs, ...biased, ...bounded])].filter((name) => name !== last);
  const request = {
    inputs: joinInputs(session, input, others),
    outputs: [...new Set([...inputs, ...bounded])],
  };
  const image = explainedInput(session, others);

  const found: FullGrad[] = [];
  // One seed at a time: the gradients of all layers together are as large as all activations.
  await runInBatches(seeds.length, { ...options, batch: 1 }, async (place) => {
    const gradient = { seeds: [seeds[place]!], wrt, relu: 'plain' } as const;
    const run = await session.run({ ...request, gradient });
    const { gradient: seed } = run.seeds[0]![0]!;
    const gradientAt = (node: string): Float32Array =>
      node === last ? seed : run.gradients[0]!.get(node)!.data;
    const weigh = (node: string): NdArray =>
      multiply(batchItem(run.outputs.get(node)!, 0), gradientAt(node));
    const biasTerms = listBiasTerms(biases, gradientAt, (node) => run.outputs.get(node)!.data);
    const { data: logits } = batchItem(run.logits, 0);
    const score = logits.reduce((sum, logit, i) => sum + seed[i]! * logit, 0);
    const terms = [...inputs.map(weigh), ...biasTerms.map(({ values }) => values)];
    const inputTerm = weigh(image);
    found.push({
      map: computeFullGradMap({ inputTerm, biasTerms: biasTerms.map(({ values }) => values) }),
      inputTerm,
      biasTerms,
      score,
      completenessError: terms.reduce((sum, { data }) => data.reduce(add, sum), 0) - score,
    });
  });
  return found;
}

/** What each bias gives to the score: bias times gradient, a bounded ReLU's bound where it is reached. */
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
 * The map of FullGrad from its terms: psi(x dy/dx) + sum_l sum_k psi(b_l dy/db_l) with psi the
 * magnitude, brought to 0..1 by the term's own range, enlarged to the input (bilinear, half-pixel).
 *
 * The range is that of all channels of a layer, as in the authors' program. Terms without a place, of
 * dense layers and of images of one cell, are part of the score but not of the map.
 *
 * @param inputTerm [height, width, channels].
 * @param biasTerms of any layers; those of shape [rows, columns, channels] count.
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
    // Enlarging is linear, so that the channels can be added up before it.
    const sum = { width: columns, height: rows, channels: 1, data: sumOfRescaled(term) };
    const down = resampleTaps(rows, { start: 0, length: rows }, height);
    const across = resampleTaps(columns, { start: 0, length: columns }, width);
    resampleImage(sum, down, across).forEach((value, i) => (data[i]! += value));
  }
  return { shape: [height, width], data: Float32Array.from(data) };
}

/** Sum over channels of the magnitudes, brought to 0..1 by their range over the whole term. */
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
