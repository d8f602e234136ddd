import type { NdArray } from '../../src/base/nd-array.ts';
import type { Weights } from '../../src/engines/port/engine.ts';
import type { WeightSpec } from '../../src/readers/layers-model/weight-claims.ts';

/** A layer as a test writes it; `inputs` name other layers, `[name, call]` a later call of one. */
export interface LayerSpec {
  readonly name: string;
  readonly className: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly inputs?: readonly (string | readonly [string, number])[];
  /** Further calls of a shared layer. */
  readonly moreCalls?: readonly (readonly string[])[];
  /** Suffix (`kernel`, `bias`, ..) to values. */
  readonly weights?: Readonly<Record<string, NdArray>>;
}

export interface TestModel {
  /** `modelTopology`, as Keras 2 and tfjs write it. */
  readonly topology: Readonly<Record<string, unknown>>;
  readonly specs: readonly WeightSpec[];
  readonly weights: Weights;
}

/** `InputLayer` of [height, width, channels] or [size]. */
export function input(name: string, ...shape: number[]): LayerSpec {
  return { name, className: 'InputLayer', config: { batch_input_shape: [null, ...shape] } };
}

/** A layer that takes what stands before it in the list, unless `inputs` says otherwise. */
export function layer(
  className: string,
  name: string,
  config: LayerSpec['config'] = {},
  weights: LayerSpec['weights'] = {},
): LayerSpec {
  return { name, className, config, weights };
}

/** Writes a Functional model; each layer without `inputs` takes the one before it. */
export function functionalModel(
  layers: readonly LayerSpec[],
  outputs: readonly string[] = [layers.at(-1)!.name],
  name = 'model',
): TestModel {
  return {
    topology: { model_config: functionalConfig(layers, outputs, name) },
    ...listWeights(layers),
  };
}

/** The JSON of a Functional model, which can also stand as a layer of another. */
export function functionalConfig(
  layers: readonly LayerSpec[],
  outputs: readonly string[],
  name: string,
): { class_name: string; config: Record<string, unknown> } {
  const inputs = layers.filter(({ className }) => className === 'InputLayer');
  const config = {
    name,
    layers: layers.map((spec, i) => ({
      name: spec.name,
      class_name: spec.className,
      config: { name: spec.name, ...spec.config },
      inbound_nodes: listCalls(spec, layers[i - 1]),
    })),
    input_layers: inputs.map((spec) => [spec.name, 0, 0]),
    output_layers: outputs.map((output) => [output, 0, 0]),
  };
  return { class_name: 'Functional', config };
}

/** Writes a Sequential model. */
export function sequentialModel(layers: readonly LayerSpec[], name = 'model'): TestModel {
  const config = {
    name,
    layers: layers.map((spec) => ({
      class_name: spec.className,
      config: { name: spec.name, ...spec.config },
    })),
  };
  return { topology: { class_name: 'Sequential', config }, ...listWeights(layers) };
}

function listCalls(spec: LayerSpec, before: LayerSpec | undefined): unknown[] {
  if (spec.className === 'InputLayer') return [];
  const first = spec.inputs ?? (before === undefined ? [] : [before.name]);
  return [first, ...(spec.moreCalls ?? [])].map((call) =>
    call.map((source) =>
      typeof source === 'string' ? [source, 0, 0, {}] : [source[0], source[1], 0, {}],
    ),
  );
}

function listWeights(layers: readonly LayerSpec[]): Pick<TestModel, 'specs' | 'weights'> {
  const weights = new Map<string, NdArray>();
  for (const spec of layers) {
    for (const [suffix, values] of Object.entries(spec.weights ?? {})) {
      weights.set(`${spec.name}/${suffix}`, values);
    }
  }
  return { specs: [...weights].map(([name, { shape }]) => ({ name, shape })), weights };
}
