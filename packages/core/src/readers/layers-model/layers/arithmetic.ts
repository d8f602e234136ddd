import { clip } from './activation-functions.ts';
import { readNumbers, type Operand, type OperatorCall } from './operands.ts';
import type { Numbers, Term } from './terms.ts';

/** Operators with two operands, one of which may be a constant. */
type Arithmetic = (call: OperatorCall) => Term;

export const add: Arithmetic = (call) =>
  fold(call, {
    both: (a, b) => call.terms.add(a, b),
    number: (x, by) => call.terms.affine(x, [1], by),
  });

export const multiply: Arithmetic = (call) =>
  fold(call, {
    both: (a, b) => call.terms.multiply(a, b),
    number: (x, by) => call.terms.affine(x, by, [0]),
  });

export const subtract: Arithmetic = (call) =>
  fold(call, {
    both: (a, b) => call.terms.subtract(a, b),
    number: (x, by) => call.terms.affine(x, [1], negative(by)),
    before: (by, x) => call.terms.affine(x, [-1], by),
  });

export const divide: Arithmetic = (call) =>
  fold(call, {
    both: (a, b) => call.terms.multiply(a, inverse(call, b)),
    number: (x, by) =>
      by.includes(0)
        ? call.refuse('it divides by 0')
        : call.terms.affine(
            x,
            by.map((one) => 1 / one),
            [0],
          ),
    before: (by, x) => call.terms.affine(inverse(call, x), by, [0]),
  });

export const power: Arithmetic = (call) =>
  fold(call, {
    both: () => call.refuse('a power whose exponent is a value is not supported'),
    number(x, by) {
      const [exponent = 1, ...others] = by;
      if (others.length > 0) return call.refuse('an exponent for each channel is not supported');
      if (exponent === 1) return x;
      if (exponent === 2) return call.terms.multiply(x, x);
      return call.terms.fn(x, { name: 'power', exponent });
    },
    before: () => call.refuse('a power whose exponent is a value is not supported'),
  });

export const maximum: Arithmetic = (call) =>
  fold(call, {
    both: (a, b) => call.terms.apply({ kind: 'maximum' }, [a, b]),
    number: (x, by) => clip(x, onlyNumber(call, by), null, call.terms),
  });

export const minimum: Arithmetic = (call) =>
  fold(call, {
    both: (a, b) => call.terms.apply({ kind: 'minimum' }, [a, b]),
    number: (x, by) => clip(x, null, onlyNumber(call, by), call.terms),
  });

interface Forms {
  both(a: Term, b: Term): Term;
  /** Computes the result if the value comes first and the constant second. */
  number(x: Term, by: Numbers): Term;
  /** Computes the result if the constant comes first. Without this function, the order does not matter. */
  before?(by: Numbers, x: Term): Term;
}

export function fold(call: OperatorCall, forms: Forms): Term {
  const [first, second] = call.operands as readonly (Operand | undefined)[];
  if (first === undefined || second === undefined || call.operands.length !== 2) {
    return call.refuse(`expected two operands, found ${call.operands.length}`);
  }
  if (first.kind === 'value' && second.kind === 'value') {
    const [a, b] = [first.term, second.term];
    checkRepeatable(call, a, b);
    return forms.both(a, b);
  }
  if (first.kind === 'value') {
    const { value } = second as Extract<Operand, { kind: 'constant' }>;
    return forms.number(first.term, readNumbers(call, value, first.term.shape));
  }
  if (second.kind === 'constant') return call.refuse('both operands are constants');
  const by = readNumbers(call, first.value, second.term.shape);
  return forms.before === undefined ? forms.number(second.term, by) : forms.before(by, second.term);
}

/**
 * Checks the shapes of two values. An operator aligns axes from the last one, so a value with fewer axes
 * would have its batch aligned with another axis.
 */
function checkRepeatable(call: OperatorCall, a: Term, b: Term): void {
  const fits =
    a.shape.length === b.shape.length &&
    a.shape.every((size, axis) => size === b.shape[axis] || size === 1 || b.shape[axis] === 1);
  if (!fits) {
    call.refuse(`values of shapes [${a.shape.join(', ')}] and [${b.shape.join(', ')}] do not join`);
  }
}

function inverse({ terms }: OperatorCall, x: Term): Term {
  return terms.fn(x, { name: 'power', exponent: -1 });
}

function negative(numbers: Numbers): Numbers {
  return numbers.map((number) => -number);
}

function onlyNumber(call: OperatorCall, numbers: Numbers): number {
  return numbers.length === 1 ? numbers[0]! : call.refuse('expected one number as the bound');
}
