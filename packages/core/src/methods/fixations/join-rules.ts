import type { Crossing, RuleOf } from './crossing.ts';
import { timesSign } from './crossing.ts';
import { broadcastIndex } from './multi-index.ts';

/**
 * A sum, as at the end of a residual block: the summand with the largest value. Of equal ones the shortcut
 * counts, which is the input with the fewest layers before it.
 */
export const addRule: RuleOf<'add'> = followLargest(() => 1);

/** A difference: the second value counts with the opposite sign. */
export const subtractRule: RuleOf<'subtract'> = followLargest((input) => (input === 0 ? 1 : -1));

/** A maximum or minimum: the value that it took. */
export const maximumRule: RuleOf<'maximum'> = followTaken(1);
export const minimumRule: RuleOf<'minimum'> = followTaken(-1);

/**
 * A map times factors, such as the gates of squeeze and excitation: the map. The sign is that of the product
 * of the factors.
 */
export const multiplyRule: RuleOf<'multiply' | 'divide'> = {
  reads: true,
  roles: [],
  keepsPlace: () => true,
  cross({ node, inputShapes, valueOf, follows }) {
    const [map = 0] = follows;
    return ({ index, sign }, emit) => {
      let found = sign;
      inputShapes.forEach((shape, input) => {
        if (input === map) return;
        found = timesSign(found, valueOf(input)[broadcastIndex(index, node.shape, shape)]!);
      });
      emit(map, index, found);
    };
  },
};

type Operands = Pick<Crossing, 'node' | 'inputShapes' | 'valueOf' | 'follows'>;

/** An input, and the place of its value for one place of the result. */
interface Operand {
  readonly input: number;
  readonly index: number;
}

/** The input whose value, times its factor, is the largest at a place. Of equal ones the first counts. */
function findLargest(
  { node, inputShapes, valueOf }: Operands,
  index: number,
  inputs: Iterable<number>,
  factorOf: (input: number) => number,
): Operand | null {
  let largest: Operand | null = null;
  let most = -Infinity;
  for (const input of inputs) {
    const at = broadcastIndex(index, node.shape, inputShapes[input]!);
    const value = factorOf(input) * valueOf(input)[at]!;
    if (largest === null || value > most) [largest, most] = [{ input, index: at }, value];
  }
  return largest;
}

function followLargest(factorOf: (input: number) => 1 | -1): RuleOf<'add'> & RuleOf<'subtract'> {
  return {
    reads: true,
    roles: [],
    keepsPlace: () => true,
    cross: (operands: Operands) => (cell, emit) => {
      const { index, sign } = cell;
      const signed = (input: number): number => sign * factorOf(input);
      const largest = findLargest(operands, index, operands.follows, signed);
      if (largest === null) return;
      emit(largest.input, largest.index, timesSign(sign, factorOf(largest.input)));
    },
  };
}

function followTaken(direction: 1 | -1): RuleOf<'maximum'> & RuleOf<'minimum'> {
  return {
    reads: true,
    roles: [],
    keepsPlace: () => true,
    cross: (operands: Operands) => (cell, emit) => {
      const { inputShapes, follows } = operands;
      const taken = findLargest(operands, cell.index, inputShapes.keys(), () => direction);
      if (taken !== null && follows.includes(taken.input))
        emit(taken.input, taken.index, cell.sign);
    },
  };
}
