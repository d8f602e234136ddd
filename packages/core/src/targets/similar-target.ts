import type { ScoreFunction } from '../engines/port/score-function.ts';
import { GradcamError } from '../base/errors.ts';
import type { PreparedInput } from '../image/prepare-input.ts';
import type { RgbImage } from '../image/rgb-image.ts';
import { describeOutput, type OutputShape } from '../network/output-kind.ts';

/**
 * Asks why a model finds an image similar to another one. The score is the cosine of the angle between
 * the embeddings of both.
 */
export type SimilarTarget = {
  readonly kind: 'similar';
  /** The name of the other image in explanations and errors; default `the reference`. */
  readonly name?: string;
} & (
  | {
      /** The other image. Each call of `explain` embeds it again. */
      readonly image: RgbImage | PreparedInput;
    }
  | {
      /** The embedding of the other image, as `embedImage` gives it. */
      readonly embedding: Float32Array;
    }
);

/** A similarity with the score function that is explained. */
export interface SimilarTargetSpec {
  readonly kind: 'similar';
  readonly name: string;
  /** The cosine and its exact gradient. */
  readonly scalar: ScoreFunction;
}

const DEFAULT_NAME = 'the reference';

/**
 * Makes the target from the embedding of the other image.
 *
 * @throws GradcamError `argument` for an output that is one number, for an embedding of another length, and
 *   for an embedding of zeros, which has no angle.
 */
export function readSimilar(target: SimilarTarget, output: OutputShape): SimilarTargetSpec {
  const { name = DEFAULT_NAME } = target;
  checkEmbeds(name, output);
  if (!('embedding' in target)) throw new Error('the reference must be embedded first');
  const { embedding } = target;
  if (embedding.length !== output.classes) {
    throw new GradcamError(
      'argument',
      `target similar to ${name}: expected an embedding of ${output.classes} numbers, as this output has, found ${embedding.length}`,
    );
  }
  const unit = normalise(Float64Array.from(embedding));
  if (unit === null) {
    throw new GradcamError(
      'argument',
      `target similar to ${name}: its embedding is zero or not finite, and has no angle to another`,
    );
  }
  return { kind: 'similar', name, scalar: cosineWith(unit, `similar to ${name}`) };
}

/**
 * Checks that an output can be an embedding.
 *
 * @throws GradcamError `argument` for an output that is one number, because all such embeddings have
 *   the same direction, or for a detector.
 */
export function checkEmbeds(name: string, output: OutputShape): void {
  if (output.classes > 1 && output.detector === undefined) return;
  throw new GradcamError(
    'argument',
    `target similar to ${name}: expected an embedding, several numbers for one image; this output is ${describeOutput(output)}; choose another with --output`,
  );
}

/**
 * The cosine of an embedding with a unit vector. The gradient is the part of the unit vector that is
 * orthogonal to the embedding, divided by the length of the embedding.
 */
function cosineWith(unit: Float64Array, name: string): ScoreFunction {
  const parts = (own: Float64Array): { cosine: number; length: number } => {
    const length = lengthOf(own);
    const product = own.reduce((sum, value, i) => sum + value * unit[i]!, 0);
    // An embedding of zeros has no direction; its similarity is defined as zero.
    return length === 0 ? { cosine: 0, length } : { cosine: product / length, length };
  };
  return {
    name,
    score: ({ logits }) => parts(logits).cosine,
    gradient({ logits }) {
      const { cosine, length } = parts(logits);
      if (length === 0) return new Float64Array(logits.length);
      return logits.map((value, i) => (unit[i]! - (cosine * value) / length) / length);
    },
  };
}

function lengthOf(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function normalise(values: Float64Array): Float64Array | null {
  const length = lengthOf(values);
  return length > 0 && Number.isFinite(length) ? values.map((value) => value / length) : null;
}
