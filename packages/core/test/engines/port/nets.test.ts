import { beforeAll, describe, expect, test } from 'vitest';
import { batchItem, type NdArray } from '../../../src/base/nd-array.ts';
import type { Engine } from '../../../src/engines/port/engine.ts';
import { computeGradCamPlusPlus } from '../../../src/methods/grid/grad-cam-plus-plus.ts';
import { computeGradCam } from '../../../src/methods/grid/grad-cam.ts';
import { computeHiResCam } from '../../../src/methods/grid/hires-cam.ts';
import { computeLayerCam } from '../../../src/methods/grid/layer-cam.ts';
import { computeXGradCam } from '../../../src/methods/grid/x-grad-cam.ts';
import { createEngine, engineNames } from '../../helper/engines.ts';
import { expectClose } from '../../helper/closeness.ts';
import { decodeArray } from '../../helper/fixture.ts';
import { netNames, readNetFixture } from '../../helper/net-fixture.ts';

/**
 * Float32 through a whole net against float64: some dozen layers, each some roundings of 2^-24 of its
 * largest values. A wrong rule shows at 1e-2.
 */
const WHOLE_NET = 2e-5;

/** Methods by the oracle's names. */
const formulas = {
  gradCam: computeGradCam,
  gradCamPlusPlus: computeGradCamPlusPlus,
  hiResCam: computeHiResCam,
  layerCam: computeLayerCam,
  xGradCam: computeXGradCam,
};

const policies = ['plain', 'guided', 'deconvnet'] as const;

describe.each(engineNames)('random nets on %s, against TensorFlow', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine(backend);
  });

  test.each(netNames)('%s: scores, activations, gradients, ReLU policies', async (name) => {
    const { expected, network, weights, inputs, nodeOf } = await readNetFixture(name);
    const [head] = network.heads;
    expect(head).toMatchObject({ activation: expected.finalActivation });

    const layers = Object.keys(expected.activations);
    const nodes = layers.map(nodeOf);
    const seeds = expected.classes.map(
      (index) => ({ score: 'logit', of: { class: index } }) as const,
    );
    const session = await engine.open(network, weights);
    const result = await session.run({
      inputs,
      outputs: [...nodes, head!.probabilities!],
      gradient: { seeds, wrt: nodes, relu: 'plain' },
    });
    expectClose(result.logits, decodeArray(expected.logits), WHOLE_NET);
    const probabilities = result.outputs.get(head!.probabilities!)!;
    const output = decodeArray(expected.output);
    expectClose({ ...probabilities, shape: output.shape }, output, WHOLE_NET);
    for (const [i, layer] of layers.entries()) {
      const stored = decodeArray(expected.activations[layer]!);
      expectClose(result.outputs.get(nodes[i]!), inBatch(stored), WHOLE_NET);
      expected.classes.forEach((index, s) => {
        const gradient = decodeArray(expected.gradients[`${layer}@${index}`]!);
        expectClose(result.gradients[s]!.get(nodes[i]!), inBatch(gradient), WHOLE_NET);
        const maps = expected.maps[`${layer}@${index}`]!;
        for (const [method, compute] of Object.entries(formulas)) {
          const map = compute({
            activations: batchItem(result.outputs.get(nodes[i]!)!, 0),
            gradients: batchItem(result.gradients[s]!.get(nodes[i]!)!, 0),
          });
          expectClose(map, decodeArray(maps[method]!), WHOLE_NET, maps.scales[method]);
        }
      });
    }

    for (const relu of policies) {
      const { gradients } = await session.run({
        inputs,
        outputs: [],
        gradient: { seeds: [seeds[0]!], wrt: ['image'], relu },
      });
      const stored = decodeArray(expected.inputGradients[`${relu}@${expected.classes[0]}`]!);
      expectClose(gradients[0]!.get('image'), stored, WHOLE_NET);
    }
    session.dispose();
  });
});

function inBatch({ shape, data }: NdArray): NdArray {
  return { shape: [1, ...shape], data };
}
