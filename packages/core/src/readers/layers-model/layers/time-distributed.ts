import { readLayerAttributes } from '../layer-attributes.ts';
import { readActivation, readElu, readLeakyRelu, readRelu } from './activation.ts';
import { readDense } from './dense.ts';
import type { LayerCall, LayerReader, Value } from './layer-reader.ts';
import { readPassThrough } from './merging.ts';

/** Layers that do the same to each step, whether they get one step or all. */
const ofEachStep: Readonly<Record<string, LayerReader>> = {
  Activation: readActivation,
  Dense: readDense,
  Dropout: readPassThrough,
  ELU: readElu,
  LeakyReLU: readLeakyRelu,
  ReLU: readRelu,
};

/** `TimeDistributed` of a layer that works along the last axis of a sequence [steps, features]. */
export function readTimeDistributed(call: LayerCall): Value {
  const { className, config } = innerOf(call.attributes.raw('layer'));
  const attributes = readLayerAttributes(`${call.name}, layer (${className})`, config);
  const suffixes = call.weightSuffixes();
  const weight: LayerCall['weight'] = (role, shape) => {
    const found = suffixes.find((suffix) => suffix === role || suffix.endsWith(`/${role}`));
    return call.weight(found ?? role, shape);
  };
  const made = ofEachStep[className]!({ ...call, attributes, config, weight }) as Value;
  attributes.finish();
  const mask = call.inputs[0]?.mask;
  return mask === undefined ? made : { ...made, mask };
}

/** Whether {@link readTimeDistributed} can write the layer. */
export function isOfEachStep(
  config: Readonly<Record<string, unknown>>,
  input: readonly number[] | undefined,
): boolean {
  return input?.length === 2 && Object.hasOwn(ofEachStep, innerOf(config['layer']).className);
}

function innerOf(layer: unknown): {
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
} {
  const { class_name: className, config } = (layer ?? {}) as Record<string, unknown>;
  return { className: String(className), config: (config ?? {}) as Record<string, unknown> };
}
