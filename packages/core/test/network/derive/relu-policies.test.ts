import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { toyImage, toyInputGradients, toyModel } from '../../golden/toy.ts';
import { array } from '../../helper/array.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray, readFixture, type StoredArray } from '../../helper/fixture.ts';
import { functionalModel, input } from '../../helper/keras-model.ts';

/** A chain of layers with TensorFlow's input gradient under each rule. */
interface PolicyCase {
  readonly name: string;
  readonly layers: readonly {
    readonly op: string;
    readonly attributes: Readonly<Record<string, unknown>>;
    readonly weights: Readonly<Record<string, StoredArray>>;
  }[];
  readonly inputs: readonly [StoredArray];
  readonly output: StoredArray;
  readonly upstream: StoredArray;
  readonly inputGradients: Readonly<Record<string, StoredArray>>;
}

const policies = ['plain', 'guided', 'deconvnet'] as const;
const { cases } = readFixture<{ cases: PolicyCase[] }>('ops/relu-policies.json');

describe.each(engineNames)('ReLU policies on %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(backend);
  });

  describe.each(policies)('%s', (policy) => {
    test.each(cases)('of $name, as TensorFlow has it', async (policyCase) => {
      const x = decodeArray(policyCase.inputs[0]);
      const model = functionalModel([
        input('image', ...x.shape.slice(1)),
        ...policyCase.layers.map(({ op, attributes, weights }, i) => ({
          name: `layer_${i}`,
          className: op,
          config: attributes,
          weights: Object.fromEntries(
            Object.entries(weights).map(([name, stored]) => [name, decodeArray(stored)]),
          ),
        })),
      ]);
      const network = readNetwork(model.topology, model.specs);
      const last = `layer_${policyCase.layers.length - 1}`;
      const session = await engine.open(network, model.weights);
      const result = await session.run({
        inputs: { image: x },
        outputs: [last],
        gradient: {
          seeds: [decodeArray(policyCase.upstream).data],
          wrt: ['image'],
          relu: policy,
        },
      });
      session.dispose();
      expectClose(result.outputs.get(last), decodeArray(policyCase.output));
      const expected = decodeArray(policyCase.inputGradients[policy]!);
      expectClose(result.gradients[0]!.get('image'), expected);
    });

    test('of the toy net, by hand', async () => {
      const model = toyModel();
      const session = await engine.open(readNetwork(model.topology, model.specs), model.weights);
      const result = await session.run({
        inputs: { image: toyImage },
        outputs: [],
        gradient: {
          seeds: [{ score: 'logit', of: { class: 0 } }],
          wrt: ['image'],
          relu: policy,
        },
      });
      session.dispose();
      expect([...result.gradients[0]!.get('image')!.data]).toEqual([
        ...array(toyInputGradients[policy]).data,
      ]);
    });
  });
});
