import type { Prediction } from '../run/result-line.ts';
import { shortLabel, type ClassNames } from '../readers/labels/labels.ts';
import { outputKindOf, type OutputShape } from '../network/output-kind.ts';

/**
 * A best class with at least this probability counts as an answer, even if it may be wrong. With two classes
 * the best one always reaches it, so a model with two classes is never doubted.
 */
const LIKELY = 0.5;

/**
 * Above this evenness (see {@link evenness}) a model has not chosen a class. docs/your-model.md tells how it
 * was measured.
 */
const NEAR_EVEN = 0.75;

/** How many class names one line has room for. */
const NAMED = 10;

/**
 * Says so in words if a picture seems to show nothing that the model knows: the best class has less than half
 * of the probability, and the probabilities are nearly even. A softmax has to distribute 1 over its classes
 * whatever the picture shows, so it always names some class.
 *
 * Confidence in a wrong answer cannot be noticed from the probabilities.
 *
 * @returns undefined where a class stands out, or where the output does not score several classes.
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

/**
 * Entropy of probabilities, divided by its largest value ln(classes): 0 for a single class, 1 if all are
 * equal.
 */
export function evenness(probabilities: ArrayLike<number>): number {
  let entropy = 0;
  for (let i = 0; i < probabilities.length; i++) {
    const p = probabilities[i]!;
    if (p > 0) entropy -= p * Math.log(p);
  }
  return probabilities.length < 2 ? 0 : entropy / Math.log(probabilities.length);
}
