import type { Prediction } from '../run/run.ts';
import { shortLabel, type ClassNames } from '../readers/labels/labels.ts';
import { outputKindOf, type OutputShape } from '../network/output-kind.ts';

/**
 * Where the best class is likelier than not, it is an answer, be it a wrong one. Of two classes one always is,
 * so that a model of two never says it.
 */
const LIKELY = 0.5;

/**
 * Entropy of the probabilities as a share of that of even ones, ln(classes), above which a model has not chosen.
 * Measured: see docs/your-model.md.
 */
const NEAR_EVEN = 0.75;

/** As many names as a line has room for. */
const NAMED = 10;

/**
 * Says in words where a picture seems to show nothing that a model knows: its best class is less likely than
 * not, and its probabilities lie nearer to even ones than to a choice. A softmax has to share out 1 among its
 * classes whatever it sees, so that something is always said to be in a picture.
 *
 * Confidence in a wrong answer is not seen by this, nor by any other function of the probabilities.
 *
 * @returns undefined where a class stands out, or the output does not name one of several classes.
 */
export function describeDoubt(
  predictions: readonly Prediction[],
  probabilities: ArrayLike<number>,
  output: OutputShape,
  { labels }: ClassNames,
): string | undefined {
  const kind = outputKindOf(output);
  const [best] = predictions;
  if ((kind !== 'classes' && kind !== 'scores') || best?.probability === undefined)
    return undefined;
  if (best.probability >= LIKELY || evenness(probabilities) <= NEAR_EVEN) return undefined;
  const share = `${(100 * best.probability).toFixed(0)} %`;
  const some = labels.slice(0, NAMED).map(shortLabel).join(', ');
  const known =
    labels.length === 0
      ? ''
      : ` (${some}${labels.length > NAMED ? `, .. ${labels.length} in all` : ''})`;
  return `no class stands out, the best has ${share}: the picture may show none of the ${output.classes} things that the model knows${known}, and then its maps say little`;
}

/** 0 where one class has all, 1 where all have the same. */
export function evenness(probabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return probabilities.length < 2 ? 0 : entropy / Math.log(probabilities.length);
}
