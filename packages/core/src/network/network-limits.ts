import { countElements } from '../base/nd-array.ts';
import { GradcamError } from '../base/errors.ts';

/**
 * Calls of layers in one model, those of nested models each time that these are called: a few lines of
 * JSON could describe millions. NASNetLarge, of the largest, has about 1,000.
 */
export const MAX_LAYER_CALLS = 10_000;

/** Values that go into these calls; NASNetLarge has about 1,500. */
const MAX_LAYER_INPUTS = 50_000;

/** Values of one node: 64 channels of 4 megapixels, 1 GiB as float32. */
export const MAX_NODE_VALUES = 2 ** 28;

/** Axes beside the batch; TensorFlow has up to 254, of which nothing here uses more than 5. */
const MAX_RANK = 32;

/** Told of each layer: how often it is called, and with what. */
export type SizeCounter = (calls: number, inputs: readonly (readonly unknown[])[]) => void;

/** @throws GradcamError `model` from the layer that is one too many. */
export function createSizeCounter(model: string): SizeCounter {
  let calls = 0;
  let values = 0;
  return (times, inputs) => {
    calls += times;
    for (const call of inputs) values += call.length;
    if (calls <= MAX_LAYER_CALLS && values <= MAX_LAYER_INPUTS) return;
    throw new GradcamError(
      'model',
      `model ${model}: with its nested models it has over ${MAX_LAYER_CALLS} layers, or ${MAX_LAYER_INPUTS} inputs of layers, which are the limits`,
    );
  };
}

/** @throws GradcamError `model` for sizes that are no positive integers, or too many values. */
export function checkShape(node: string, shape: readonly number[]): void {
  const isWhole = shape.every((size) => Number.isSafeInteger(size) && size > 0);
  if (isWhole && shape.length <= MAX_RANK && countElements(shape) <= MAX_NODE_VALUES) return;
  throw new GradcamError(
    'model',
    `layer ${node}: its output would have shape [${shape.join(', ')}]; expected positive sizes, ${MAX_NODE_VALUES} values and ${MAX_RANK} axes at most`,
  );
}
