import { describe, expect, test } from 'vitest';
import { createPredict, forwardPassOf } from '../../../src/methods/passes/forward-pass.ts';
import { computeOcclusion, occlusionMap } from '../../../src/methods/multi-pass/occlusion.ts';
import {
  forwardPassOfGraphModel,
  gradientRefusal,
  type GraphModelPort,
} from '../../../src/methods/passes/graph-model.ts';
import { computeScoreCam } from '../../../src/methods/multi-pass/score-cam.ts';
import { openTinyNet, type TinyNet } from './tiny-net.ts';
import { array } from '../../helper/array.ts';
import { camScale, expectClose } from '../../helper/closeness.ts';
import { decodeArray } from '../../helper/fixture.ts';

/** A GraphModel in form: values of nodes by name, and nothing else. */
function portOf({ session }: TinyNet): GraphModelPort {
  return {
    async execute(inputs, nodes) {
      const { outputs } = await session.run({ inputs: { image: inputs }, outputs: nodes });
      return nodes.map((node) => outputs.get(node)!);
    },
  };
}

const image = { shape: [2, 1, 1, 1], data: Float32Array.of(1, 2) };

describe('a GraphModel', () => {
  test('has the Score-CAM of NumPy, by logits and by probabilities', async () => {
    const net = await openTinyNet('flat', 'cpu');
    const { input, seeds, expected, session } = net;
    const { logits, probabilities } = session.network.heads[0]!;
    const { baseline, weightings } = expected.scoreCam;
    for (const [scores, holds] of [
      [logits, 'logits'],
      [probabilities!, 'probabilities'],
    ] as const) {
      const pass = forwardPassOfGraphModel(portOf(net), { scores, holds });
      const options = { layer: 'relu', seeds, baseline, weighting: 'prob' } as const;
      const found = await computeScoreCam(pass, input, options);
      weightings.forEach((stored, s) => {
        const scale = camScale(found.activations, () => 1);
        // Probabilities are right to some 1e-6, from float32 logits of about 3.
        expectClose(found.maps[s], decodeArray(stored['prob']!.map), 1e-5, scale);
      });
    }
    session.dispose();
  });

  test('by probabilities has the occlusion of a contrast: its classes share the missing number', async () => {
    const net = await openTinyNet('flat', 'cpu');
    const { input, seeds, session } = net;
    const scores = session.network.heads[0]!.probabilities!;
    const graph = forwardPassOfGraphModel(portOf(net), { scores, holds: 'probabilities' });
    const maps = [];
    for (const pass of [forwardPassOf(session), graph]) {
      const predict = createPredict(pass, [seeds[1]]);
      maps.push(occlusionMap(await computeOcclusion(predict, input, { patch: [2, 3] }), 0));
    }
    session.dispose();
    // A logarithm of a probability of float32 is wrong by 1e-7 / p, p being above .01 here.
    expectClose(maps[1], maps[0]!, 1e-5);
  });

  test('takes axes of 1 between batch and classes, and a probability of 0', async () => {
    const port: GraphModelPort = {
      execute: async () => [array([[[[0, 1]]], [[[0.25, 0.75]]]])],
    };
    const pass = forwardPassOfGraphModel(port, { scores: 'softmax', holds: 'probabilities' });
    const { logits } = await pass.run(image, []);
    expectClose(
      logits,
      array([
        [Math.log(2 ** -149), 0],
        [Math.log(0.25), Math.log(0.75)],
      ]),
    );
  });

  test.each([
    ['no value', [], 'got nothing'],
    ['another batch', [array([[1, 2]])], 'expected [2, ..] for a batch of 2, got [1, 2]'],
    ['scores that are not numbers', [array([[1], [NaN]])], 'node scores of the GraphModel is NaN'],
  ])('with %s is refused', async (_, values, message) => {
    const port: GraphModelPort = { execute: async () => values };
    const pass = forwardPassOfGraphModel(port, { scores: 'scores', holds: 'logits' });
    await expect(pass.run(image, [])).rejects.toThrow(message);
  });

  test('refuses gradients with the reason and the way out', () => {
    const error = gradientRefusal('grad-cam');
    expect(error.kind).toBe('unsupported');
    expect(error.message).toMatch(/^grad-cam needs gradients.*use score-cam, .*rise/);
  });
});
