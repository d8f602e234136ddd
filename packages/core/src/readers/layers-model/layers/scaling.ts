import { decodeConstant } from '../layer-calls.ts';
import { onlyInput, type LayerCall, type Value } from './layer-reader.ts';

/** Keras divides by `max(sqrt(variance), 1e-7)`. Adding this value to the variance has the same effect. */
const NORMALIZATION_EPSILON = 1e-14;

/** `Rescaling`: x * scale + offset, each one number or one for each channel. */
export function readRescaling(call: LayerCall): Value {
  const input = onlyInput(call);
  const scale = readNumbers(call, 'scale', 1);
  const offset = readNumbers(call, 'offset', 0);
  return call.emit({ kind: 'affine', scale, offset }, [input], input.shape);
}

/**
 * `Normalization`: (x - mean) / sqrt(variance). The numbers are attributes, or were adapted to data and
 * stored as weights.
 */
export function readNormalization(call: LayerCall): Value {
  const { attributes } = call;
  const input = onlyInput(call);
  const rank = input.shape.length;
  const axis = attributes.raw('axis');
  const last: unknown = Array.isArray(axis) ? axis[0] : (axis ?? -1);
  // Without an axis, one number applies to all elements. Keras 3 writes this as an empty list.
  const isForAll = Array.isArray(axis) && axis.length === 0;
  if (!isForAll && last !== -1 && last !== rank) {
    attributes.refuse('axis', `-1 or ${rank}, the channels`);
  }
  const inverts = attributes.flag('invert', false);
  if (attributes.raw('mean') === undefined) {
    if (inverts) attributes.refuse('invert', 'false, where mean and variance are weights');
    if (isForAll || (axis === undefined && call.config['axis'] === null)) {
      attributes.refuse(
        'axis',
        'the channels: one mean of all values, kept as a weight, is not known',
      );
    }
    const channels = [input.shape.at(-1) ?? 0];
    const weights = {
      mean: call.weight('mean', channels),
      variance: call.weight('variance', channels),
    };
    const op = { kind: 'batchNorm', epsilon: NORMALIZATION_EPSILON } as const;
    return call.emit(op, [input], input.shape, { weights });
  }
  const mean = readNumbers(call, 'mean', 0);
  const variance = readNumbers(call, 'variance', 1);
  const size = Math.max(mean.length, variance.length);
  const at = (values: readonly number[], i: number): number => values[values.length === 1 ? 0 : i]!;
  const deviations = Array.from({ length: size }, (_, i) =>
    Math.max(Math.sqrt(at(variance, i)), Math.sqrt(NORMALIZATION_EPSILON)),
  );
  if (inverts) {
    return call.emit({ kind: 'affine', scale: deviations, offset: mean }, [input], input.shape);
  }
  const scale = deviations.map((deviation) => 1 / deviation);
  const offset = scale.map((factor, i) => -at(mean, i) * factor);
  return call.emit({ kind: 'affine', scale, offset }, [input], input.shape);
}

/** One number, or one for each channel, in lists of any depth. */
function readNumbers(call: LayerCall, name: string, fallback: number): readonly number[] {
  const value = decodeConstant(call.attributes.raw(name) ?? fallback);
  const numbers: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [value];
  const channels = onlyInput(call).shape.at(-1);
  const fits = numbers.length === 1 || numbers.length === channels;
  if (!fits || !numbers.every((number) => Number.isFinite(number))) {
    return call.attributes.refuse(name, `one number or ${channels}, one for each channel`);
  }
  return numbers as number[];
}
