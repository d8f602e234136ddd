import { GradcamError } from '../base/errors.ts';
import { countElements, findNonFinite, type NdArray } from '../base/nd-array.ts';
import { imageSize } from '../methods/passes/batched-runs.ts';
import type { Predict } from '../methods/passes/forward-pass.ts';

/** The model, the input and the score that a map explains. Metrics need nothing else of a model. */
export interface ScoredInput {
  /**
   * Scores [batch, scores] of inputs [batch, height, width, channels]. `createPredict` makes such a function
   * from a session and the seed of a score.
   */
  readonly predict: Predict;
  /** [1, height, width, channels], as the model takes it. */
  readonly input: NdArray;
  /** Index of the explained score among those that `predict` returns; default 0. */
  readonly score?: number;
  /** What the score is, for the settings of a measurement: `probability`, `logit`, .. Default `score`. */
  readonly scoreName?: string;
}

/** A map together with the model, the input and the score that it explains. */
export interface EvidenceSubject extends ScoredInput {
  /** [height, width] at the size of the input; a larger value means that the pixel matters more. */
  readonly map: NdArray;
}

/**
 * The size of the input, after checking that the map fits it.
 *
 * @throws GradcamError `argument` for an input or a map of another shape, or with values that are not finite.
 */
export function checkSubject({ input, map }: Pick<EvidenceSubject, 'input' | 'map'>): {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
} {
  const [height, width, channels] = imageSize(input);
  checkMap(map, [height, width]);
  return { height, width, channels };
}

/**
 * Checks a map [height, width].
 *
 * @param size the size that it must have; any size where it is not given.
 * @throws GradcamError `argument` for another shape and for values that are not finite.
 */
export function checkMap(map: NdArray, size?: readonly [height: number, width: number]): void {
  const isMap = map.shape.length === 2 && countElements(map.shape) === map.data.length;
  const fits = size === undefined || map.shape.join() === size.join();
  if (!isMap || !fits || map.data.length === 0) {
    const expected = size === undefined ? '[height, width]' : `[${size.join(', ')}]`;
    throw new GradcamError(
      'argument',
      `map: expected shape ${expected}, got [${map.shape.join(', ')}] with ${map.data.length} values`,
    );
  }
  const broken = findNonFinite(map.data);
  if (broken < 0) return;
  throw new GradcamError('argument', `map is ${map.data[broken]} at index ${broken}`);
}

/**
 * The explained score of each input of a batch.
 *
 * @throws GradcamError `argument` for a score that `predict` does not return, or that is not finite.
 */
export async function scoreBatch(
  { predict, score = 0 }: Pick<ScoredInput, 'predict' | 'score'>,
  inputs: NdArray,
): Promise<number[]> {
  const { shape, data } = await predict(inputs);
  const [count = 0, scores = 0] = shape;
  if (shape.length !== 2 || count !== inputs.shape[0] || !(score >= 0 && score < scores)) {
    throw new GradcamError(
      'argument',
      `predict: expected [${inputs.shape[0]}, more than ${score} scores], got [${shape.join(', ')}]`,
    );
  }
  return Array.from({ length: count }, (_, i) => {
    const value = data[i * scores + score]!;
    if (Number.isFinite(value)) return value;
    throw new GradcamError('argument', `predict: score ${score} of input ${i} is ${value}`);
  });
}

/** The explained score of the input as it is. */
export async function scoreOf(subject: ScoredInput): Promise<number> {
  return (await scoreBatch(subject, subject.input))[0]!;
}
