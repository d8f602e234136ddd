import { fold } from './arithmetic.ts';
import { onlyTerm, type OperatorCall } from './operands.ts';
import type { Term, Terms } from './terms.ts';

/** Operators whose results are truths, which are 1 and 0 here. Keras 3 writes masks over steps with them. */

/** 1 where the operands differ, else 0. */
export function notEqual(call: OperatorCall): Term {
  return fold(call, {
    both: (a, b) => differs(call.terms, a, b),
    number: (x, by) => differs(call.terms, x, call.terms.affine(x, [0], by)),
  });
}

/** 1 where two values differ, else 0. */
export function differs(terms: Terms, a: Term, b: Term): Term {
  const above = terms.apply({ kind: 'compare', relation: 'greater' }, [a, b]);
  const below = terms.apply({ kind: 'compare', relation: 'less' }, [a, b]);
  return terms.add(above, below);
}

/** The same value for all elements, whatever they are. */
export function likeIts(value: number): (call: OperatorCall) => Term {
  return (call) => {
    // Truths and numbers are the same here.
    call.option('dtype');
    return call.terms.affine(onlyTerm(call), [0], [value]);
  };
}

export function logicalAnd(call: OperatorCall): Term {
  return join(call, (a, b) => call.terms.multiply(a, b));
}

export function logicalOr(call: OperatorCall): Term {
  return join(call, (a, b) => call.terms.apply({ kind: 'maximum' }, [a, b]));
}

export function logicalNot(call: OperatorCall): Term {
  return call.terms.affine(onlyTerm(call), [-1], [1]);
}

function join(call: OperatorCall, both: (a: Term, b: Term) => Term): Term {
  return fold(call, { both, number: () => call.refuse('a constant truth is not supported') });
}
