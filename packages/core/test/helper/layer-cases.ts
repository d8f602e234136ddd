import { countElements } from '../../src/base/nd-array.ts';
import type { Network } from '../../src/network/network.ts';
import { readNetwork } from '../../src/readers/layers-model/read-network.ts';
import { decodeArray, readFixture, type StoredArray } from './fixture.ts';
import { functionalModel, input, type TestModel } from './keras-model.ts';

/** One Keras layer with what TensorFlow makes of it; see `fixtures/ops/PROVENANCE.md`. */
export interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly inputs: readonly StoredArray[];
  readonly weights: Readonly<Record<string, StoredArray>>;
  readonly output: StoredArray;
  readonly upstream: StoredArray;
  readonly inputGradients: readonly StoredArray[];
}

const families = [
  'activations',
  'average-pooling',
  'conv2d',
  'conv2d-transpose',
  'dense',
  'depthwise-conv2d',
  'global-pooling',
  'joining',
  'max-pooling',
  'normalisation',
  'rearranging',
  'separable-conv2d',
];

export const layerCases = families.flatMap((family) =>
  readFixture<{ cases: OpCase[] }>(`ops/${family}.json`).cases.map((opCase) => ({
    title: `${family}/${opCase.name}`,
    opCase,
  })),
);

/** The layer as a model of its own; its own output counts as the logits, softmax or not. */
export function buildLayer(opCase: OpCase): {
  network: Network;
  model: TestModel;
  names: string[];
} {
  const names = opCase.inputs.map((_, i) => `input_${i}`);
  const weights = Object.fromEntries(
    Object.entries(opCase.weights).map(([name, values]) => [name, decodeArray(values)]),
  );
  const model = functionalModel([
    ...opCase.inputs.map(({ shape }, i) => input(names[i]!, ...shape.slice(1))),
    {
      name: 'layer',
      className: opCase.op,
      config: opCase.attributes,
      weights,
      inputs: names,
    },
  ]);
  // The fixtures are Keras 3's: some functions changed with it.
  const network = readNetwork({ ...model.topology, keras_version: '3.15.1' }, model.specs);
  const classes = countElements(opCase.output.shape.slice(1));
  const logits = network.layers.get('layer')!;
  const shape = opCase.output.shape.slice(1);
  const head = { logits, probabilities: null, activation: 'linear', shape, classes } as const;
  return { network: { ...network, heads: [head] }, model, names };
}
