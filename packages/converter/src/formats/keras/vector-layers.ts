import { isObject } from './json.ts';
import type { KerasLayer } from './layer-tree.ts';

/** Layers whose value is a list of numbers for each picture, whatever they take. */
const TO_VECTOR = /^(Flatten|Global(Max|Average|Avg)Pool(ing)?[123]D)$/;

/** Layers whose value has as many axes as what they take. */
const SAME_RANK =
  /^(Dense|Activation|ReLU|LeakyReLU|PReLU|ELU|ThresholdedReLU|Softmax|.*Dropout.*|Gaussian\w+|\w*Normalization(V[12])?|Add|Subtract|Multiply|Average|Maximum|Minimum|Concatenate|Identity)$/;

/**
 * Finds the layers that take a list of numbers for each picture, not an image or a sequence. Ranks of other
 * classes than the usual ones are not followed, so a layer behind such a class is left out.
 *
 * @param model with its layers in the order in which they are computed.
 */
export function findVectorReaders(model: KerasLayer): ReadonlySet<KerasLayer> {
  const readers = new Set<KerasLayer>();
  visit(model, false, readers);
  return readers;
}

/** @returns whether the model's value is a list of numbers. */
function visit(model: KerasLayer, takesVector: boolean, readers: Set<KerasLayer>): boolean {
  const vectors = new Map<string, boolean>();
  let before = takesVector;
  for (const layer of model.layers ?? []) {
    const sources = sourcesOf(layer);
    const isSequential = model.className === 'Sequential';
    const takes = isSequential ? before : sources.some((name) => vectors.get(name) === true);
    if (takes) readers.add(layer);
    before = givesVector(layer, takes, takesVector, readers);
    vectors.set(layer.name, before);
  }
  const [end] = namesIn(model.config['output_layers']);
  return model.className === 'Sequential' ? before : end !== undefined && vectors.get(end) === true;
}

function givesVector(
  layer: KerasLayer,
  takes: boolean,
  modelTakesVector: boolean,
  readers: Set<KerasLayer>,
): boolean {
  const { className, config, layers } = layer;
  if (layers !== null) return visit(layer, takes, readers);
  if (className === 'InputLayer') {
    const shape = config['batch_shape'] ?? config['batch_input_shape'];
    return Array.isArray(shape) ? shape.length === 2 : modelTakesVector;
  }
  if (TO_VECTOR.test(className)) return config['keepdims'] !== true;
  return takes && SAME_RANK.test(className);
}

/** The names of the layers that a layer takes, in the words of Keras 2 or 3. */
function sourcesOf({ record }: KerasLayer): string[] {
  return namesIn(record['inbound_nodes']);
}

/** The names in all `[layer, call, output]` of a part of a configuration. */
function namesIn(value: unknown): string[] {
  if (Array.isArray(value)) {
    const [name, call] = value as unknown[];
    if (typeof name === 'string' && typeof call === 'number') return [name];
    return value.flatMap((one) => namesIn(one));
  }
  return isObject(value) ? Object.values(value).flatMap((one) => namesIn(one)) : [];
}
