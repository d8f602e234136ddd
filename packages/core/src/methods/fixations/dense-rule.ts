import { countElements } from '../../base/nd-array.ts';
import type { Cross, RuleOf } from './crossing.ts';

/** The weight from an element of the input to an element of the output. */
type WeightAt = (element: number, output: number) => number;

/**
 * A dense layer. After another dense layer or a pool over the whole grid, all elements with a positive
 * contribution; after a map, the one element with the largest. Where it is applied at each place of a map,
 * it is a convolution of one cell: the channel with the largest contribution.
 */
export const denseRule: RuleOf<'dense'> = {
  reads: true,
  roles: ['kernel'],
  keepsPlace: (_, inputShape) => inputShape.length > 1,
  cross({ node, inputShapes, valueOf, weightOf, flattened }) {
    const [shape] = inputShapes as [readonly number[]];
    const outputs = node.shape.at(-1)!;
    const inputs = shape.at(-1)!;
    const weights = weightOf('kernel')!.data;
    const weightAt: WeightAt = (element, output) => weights[element * outputs + output]!;
    const value = valueOf(0);
    if (countElements(shape) === inputs) {
      return flattened === null
        ? positiveElements(value, weightAt)
        : largestElement(value, weightAt, flattened);
    }
    return ({ index, sign }, emit) => {
      const first = Math.floor(index / outputs) * inputs;
      let [best, most] = [0, -Infinity];
      for (let k = 0; k < inputs; k++) {
        const contribution = sign * value[first + k]! * weightAt(k, index % outputs);
        if (contribution > most) [best, most] = [k, contribution];
      }
      emit(0, first + best, 1);
    };
  },
};

/** All elements with a positive contribution. */
export function positiveElements(value: Float32Array, weightAt: WeightAt): Cross {
  return ({ index, sign }, emit) => {
    for (let i = 0; i < value.length; i++) {
      if (sign * value[i]! * weightAt(i, index) > 0) emit(0, i, 1);
    }
  };
}

/**
 * The element with the largest contribution. Of equal ones the first counts, channel by channel and then row
 * by row, as in the authors' program.
 *
 * @param shape [rows, columns, channels]
 */
export function largestElement(
  value: Float32Array,
  weightAt: WeightAt,
  shape: readonly number[],
): Cross {
  const [rows, columns, channels] = shape as [number, number, number];
  const places = rows * columns;
  return ({ index, sign }, emit) => {
    let [best, most] = [0, -Infinity];
    for (let channel = 0; channel < channels; channel++) {
      for (let place = 0; place < places; place++) {
        const element = place * channels + channel;
        const contribution = sign * value[element]! * weightAt(element, index);
        if (contribution > most) [best, most] = [element, contribution];
      }
    }
    emit(0, best, 1);
  };
}
