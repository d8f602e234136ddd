import * as ort from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import type { NdArray } from '../../../src/base/nd-array.ts';
import type { Session } from '../../../src/engines/port/engine.ts';
import type { ReluPolicy } from '../../../src/network/op.ts';
import { readNetwork } from '../../../src/readers/layers-model/read-network.ts';
import { createOnnxEngine } from '../../../src/engines/onnx/index.ts';
import { createTfjsEngine } from '../../../src/engines/tfjs/index.ts';
import { expectClose } from '../../helper/closeness.ts';
import { blockNet } from '../../helper/block-net.ts';
import { createRandom, randomArray } from '../../helper/random.ts';

/**
 * Two float32 engines through a dozen layers, some roundings of 2^-24 of the largest values in each. A
 * wrong rule shows at 1e-2.
 */
const TWO_ENGINES = 1e-5;

describe('images in blocks of channels', () => {
  const model = blockNet();
  const network = readNetwork(model.topology, model.specs);
  const images = randomArray(createRandom(9), [2, 29, 26, 3]);
  const first = { shape: [1, 29, 26, 3], data: images.data.subarray(0, 29 * 26 * 3) };
  const classes = [{ class: 1 }, { rank: 0 }] as const;
  const seeds = classes.map((of) => ({ score: 'logit', of }) as const);

  const cases: { what: string; image: NdArray; seeds: typeof seeds }[] = [
    { what: 'one image, one seed', image: first, seeds: seeds.slice(0, 1) },
    { what: 'one image, two seeds', image: first, seeds },
    { what: 'two images, two seeds', image: images, seeds },
  ];
  test.each(cases)('$what: gradients as of tfjs', async ({ image, seeds: asked }) => {
    const sessions: Session[] = [
      await (await createTfjsEngine({ backend: 'cpu' })).open(network, model.weights),
      await createOnnxEngine(ort).open(network, model.weights),
    ];
    for (const relu of ['plain', 'guided', 'deconvnet'] satisfies ReluPolicy[]) {
      const wrt = ['image', 'pool1', 'relu2'];
      const gradient = { seeds: asked, wrt, relu };
      const [expected, actual] = await Promise.all(
        sessions.map((session) => session.run({ inputs: { image }, outputs: ['relu2'], gradient })),
      );
      expect(actual!.gradients).toHaveLength(asked.length);
      expectClose(actual!.outputs.get('relu2'), expected!.outputs.get('relu2')!, TWO_ENGINES);
      actual!.gradients.forEach((found, s) => {
        for (const name of wrt) {
          expectClose(found.get(name), expected!.gradients[s]!.get(name)!, TWO_ENGINES);
        }
      });
    }
    for (const session of sessions) session.dispose();
  });
});
