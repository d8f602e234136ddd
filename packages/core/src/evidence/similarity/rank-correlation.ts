/**
 * Spearman's rank correlation, -1..1. Equal values share the mean of their ranks. Null where one side has a
 * single value everywhere, which has no order.
 *
 * @throws RangeError for lists of different lengths.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  return correlation(rankValues(a), rankValues(b));
}

/** Pearson's correlation, -1..1; null where one side has a single value everywhere. */
export function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number | null {
  if (a.length !== b.length) {
    throw new RangeError(`correlation: ${a.length} values against ${b.length}`);
  }
  const [meanA, meanB] = [meanOf(a), meanOf(b)];
  let [both, own, other] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [u, v] = [a[i]! - meanA, b[i]! - meanB];
    both += u * v;
    own += u * u;
    other += v * v;
  }
  if (own === 0 || other === 0) return null;
  return Math.max(-1, Math.min(1, both / Math.sqrt(own * other)));
}

/** The rank of each value from 1, the smallest; equal values get the mean of their ranks. */
function rankValues(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i);
  order.sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(values.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) ranks[order[i]!] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
