import type { Term, Terms } from './terms.ts';

/**
 * `max(x - tau, 0)` over the last axis (Martins and Astudillo 2016, arXiv 1602.02068), as Keras computes it
 * up to 3.15. Its tau uses the sum of all partial sums of the support, where the paper uses the last
 * partial sum. The two are equal if the support has one element. Models were trained with Keras's version,
 * so that one is used.
 *
 * The computation needs no sorting: an element z is in the support if `1 + n z > s`, where n and s are the
 * number and the sum of the elements that are at least z.
 */
export function sparsemax(x: Term, terms: Terms): Term {
  const before = x.shape.slice(0, -1);
  const size = x.shape.at(-1)!;
  const last = before.length;
  // [.., of, by]: 1 if one element is at least as large as another.
  const own = terms.reshape(x, [...before, size, 1]);
  const others = terms.reshape(x, [...before, 1, size]);
  const square = [...before, size, size];
  const isAtLeast = terms.apply(
    { kind: 'compare', relation: 'greaterEqual' },
    [others, own],
    square,
  );
  const sumOf = (term: Term): Term => terms.reshape(terms.sum(term, [last + 1]), x.shape);
  const count = sumOf(isAtLeast);
  const sum = sumOf(terms.multiply(isAtLeast, others));
  const bound = terms.affine(terms.multiply(count, x), [1], [1]);
  const isIn = terms.apply({ kind: 'compare', relation: 'greater' }, [bound, sum]);
  const total = terms.affine(terms.sum(terms.multiply(isIn, sum), [last]), [1], [-1]);
  const share = terms.fn(terms.sum(isIn, [last]), { name: 'power', exponent: -1 });
  return terms.relu(terms.subtract(x, terms.multiply(total, share)));
}
