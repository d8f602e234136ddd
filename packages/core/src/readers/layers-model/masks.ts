import { dropUndefined } from '../../base/drop-undefined.ts';
import { GradcamError } from '../../base/errors.ts';
import type { LayerRecord } from './keras-topology.ts';
import type { TensorSource } from './layer-calls.ts';
import type { Value } from './layers/layer-reader.ts';
import type { ModelWriter } from './model-writer.ts';

/**
 * The inputs of a call with their masks. Keras 3 states the masks of a call; when a layer takes several
 * values, it passes on no others.
 */
export function withStatedMasks(
  layer: LayerRecord,
  sources: readonly TensorSource[],
  valueOf: (source: TensorSource) => Value | undefined,
  writer: ModelWriter,
): readonly Value[] {
  const values = sources.filter(({ isMask }) => !isMask).map((source) => valueOf(source)!);
  const masks = sources.filter(({ isMask }) => isMask).map((source) => valueOf(source)!.node);
  if (masks.length > 0) return values.map((value, i) => withMask(value, masks[i] ?? value.mask));
  const dropsAll = writer === 'keras3' && values.length > 1 && !joinsMasks(layer);
  return dropsAll ? values.map((value) => withMask(value, undefined)) : values;
}

function withMask(value: Value, mask: string | undefined): Value {
  return dropUndefined({ ...value, mask });
}

/** Whether a layer of several inputs joins their masks, or reads them. */
function joinsMasks({ className }: LayerRecord): boolean {
  return merging.has(className) || /Attention$/.test(className);
}

/** Layers of the op set that pass on the mask of their input, as Keras declares. */
const passMask: ReadonlySet<string> = new Set([
  'Activation',
  'ActivityRegularization',
  'AlphaDropout',
  'BatchNormalization',
  'Dense',
  'Dropout',
  'ELU',
  'GaussianDropout',
  'GaussianNoise',
  'Identity',
  'LayerNormalization',
  'LeakyReLU',
  'Normalization',
  'PReLU',
  'ReLU',
  'Rescaling',
  'SpatialDropout1D',
  'ThresholdedReLU',
  'UnitNormalization',
]);

/** Layers whose result depends on a mask in Keras but not in the op set. */
const readMask: ReadonlySet<string> = new Set(['Softmax']);

/**
 * The mask of a known layer's output, as in Keras: it is passed on, joined where a layer merges several
 * masked values, or dropped by layers that do not support masks. Of merged values, Keras 3 counts a step that
 * counts in any of them, and all steps where one value has no mask; Keras 2 counts a step that counts in all
 * values with a mask.
 *
 * @param join makes a mask of several, by their maximum or product.
 * @throws GradcamError `unsupported` for a layer whose result would depend on the mask.
 */
export function maskOfKnownLayer(
  { name, className, config }: LayerRecord,
  inputs: readonly Value[],
  writer: ModelWriter,
  join: (kind: 'maximum' | 'multiply', masks: readonly string[]) => string,
): string | undefined {
  const masks = [...new Set(inputs.flatMap(({ mask }) => mask ?? []))];
  if (masks.length === 0) return undefined;
  const isLast = (config['axis'] ?? -1) === -1;
  if (readMask.has(className) || (className === 'Concatenate' && !isLast)) {
    throw new GradcamError(
      'unsupported',
      `layer ${name} (${className}) gets a mask over time steps, which is supported for recurrent layers only`,
    );
  }
  if (passMask.has(className)) return masks[0];
  if (!merging.has(className)) return undefined;
  if (writer === 'keras3' && inputs.some(({ mask }) => mask === undefined)) return undefined;
  if (masks.length === 1) return masks[0];
  return join(writer === 'keras3' ? 'maximum' : 'multiply', masks);
}

/** Layers that join the masks of their inputs. */
const merging: ReadonlySet<string> = new Set([
  'Add',
  'Average',
  'Concatenate',
  'Maximum',
  'Minimum',
  'Multiply',
  'Subtract',
]);
