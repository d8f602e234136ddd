import { countElements } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';

/**
 * Most layer calls in one model. A nested model counts with all its layers each time that it is called, and
 * a recurrent layer with all its steps, so a few lines of JSON could describe millions. NASNetLarge, one of
 * the largest nets, has about 1,000.
 */
export const MAX_LAYER_CALLS = 10_000;

/** Most inputs of these calls together. NASNetLarge has about 1,500. */
const MAX_LAYER_INPUTS = 50_000;

/** Most values of one node: 64 channels of 4 megapixels, 1 GiB as float32. */
export const MAX_NODE_VALUES = 2 ** 28;

/** Most axes without the batch axis. TensorFlow allows 254; networks here use at most 5. */
const MAX_RANK = 32;

/** Counts one layer: how often it is called, and the inputs of each call. */
export type SizeCounter = (calls: number, inputs: readonly (readonly unknown[])[]) => void;

/**
 * Creates a counter of the layer calls in one model.
 *
 * @returns a counter that throws GradcamError `model` at the first layer beyond the limits.
 */
export function createSizeCounter(model: string): SizeCounter {
  let calls = 0;
  let values = 0;
  return (times, inputs) => {
    calls += times;
    for (const call of inputs) values += call.length;
    if (calls <= MAX_LAYER_CALLS && values <= MAX_LAYER_INPUTS) return;
    throw new GradcamError(
      'model',
      `model ${model}: with its nested models and the steps of its recurrent layers it has over ${MAX_LAYER_CALLS} layers, or ${MAX_LAYER_INPUTS} inputs of layers, which are the limits`,
    );
  };
}

/**
 * Checks the shape that a node would give.
 *
 * @throws GradcamError `model` for sizes that are not positive integers, or too many values or axes.
 */
export function checkShape(node: string, shape: readonly number[]): void {
  const isWhole = shape.every((size) => Number.isSafeInteger(size) && size > 0);
  if (isWhole && shape.length <= MAX_RANK && countElements(shape) <= MAX_NODE_VALUES) return;
  throw new GradcamError(
    'model',
    `layer ${node}: its output would have shape [${shape.join(', ')}]; expected positive sizes, ${MAX_NODE_VALUES} values and ${MAX_RANK} axes at most`,
  );
}
