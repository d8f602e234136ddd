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

function followLargest(factorOf: (input: number) => 1 | -1): RuleOf<'add'> & RuleOf<'subtract'> {
  return {
    reads: true,
    roles: [],
    keepsPlace: () => true,
    cross({
      node,
      inputShapes,
      valueOf,
      follows,
    }: Pick<Crossing, 'node' | 'inputShapes' | 'valueOf' | 'follows'>) {
      return ({ index, sign }, emit) => {
        let [best, bestIndex, most] = [-1, 0, -Infinity];
        for (const input of follows) {
          const at = broadcastIndex(index, node.shape, inputShapes[input]!);
          const value = sign * factorOf(input) * valueOf(input)[at]!;
          if (best < 0 || value > most) [best, bestIndex, most] = [input, at, value];
        }
        if (best >= 0) emit(best, bestIndex, timesSign(sign, factorOf(best)));
      };
    },
  };
}

function followTaken(direction: 1 | -1): RuleOf<'maximum'> & RuleOf<'minimum'> {
  return {
    reads: true,
    roles: [],
    keepsPlace: () => true,
    cross({
      node,
      inputShapes,
      valueOf,
      follows,
    }: Pick<Crossing, 'node' | 'inputShapes' | 'valueOf' | 'follows'>) {
      return ({ index, sign }, emit) => {
        let [best, bestIndex, most] = [-1, 0, -Infinity];
        for (const input of inputShapes.keys()) {
          const at = broadcastIndex(index, node.shape, inputShapes[input]!);
          const value = direction * valueOf(input)[at]!;
          if (best < 0 || value > most) [best, bestIndex, most] = [input, at, value];
        }
        if (follows.includes(best)) emit(best, bestIndex, sign);
      };
    },
  };
}
