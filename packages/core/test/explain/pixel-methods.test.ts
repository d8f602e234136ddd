import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engines/port/engine.ts';
import { displayMapOf, explain } from '../../src/explain/explain.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { colourToyModel, toyGuidedGradCam, toyInputGradients, toyPicture } from '../golden/toy.ts';
import { createEngine, engineNames, tfjsBackends } from '../helper/engines.ts';
import { filesOf } from '../helper/model-files.ts';
import { plainNet } from '../helper/small-nets.ts';

/** Values of [4, 4] as those of a picture that has them in one of three channels. */
function inChannel(rows: readonly (readonly number[])[], channel: 0 | 1 | 2): number[] {
  return rows.flat().flatMap((value) => [0, 1, 2].map((c) => (c === channel ? value : 0)));
}

describe.each(tfjsBackends)('methods at the input on %s: the toy net by hand', (backend) => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await createEngine(backend);
    model = await loadModel(filesOf(colourToyModel()), {
      engine,
      inputRange: '0..255',
      fit: 'squash',
    });
    return () => model.dispose();
  });

  const timesInput = toyInputGradients.plain.map((row, y) => row.map((g, x) => g * (y * 4 + x)));
  test.each([
    ['gradient', toyInputGradients.plain],
    ['input-x-gradient', timesInput],
    ['guided-backprop', toyInputGradients.guided],
    ['deconvnet', toyInputGradients.deconvnet],
    ['guided-grad-cam', toyGuidedGradCam],
  ] as const)('%s', async (method, golden) => {
    const { explanations } = await explain(model, toyPicture, { methods: [method] });
    const [explanation] = explanations;
    expect(explanation).toMatchObject({ method, kind: 'pixels', relu: false, score: 54 });
    expect(explanation!.raw.shape).toEqual([4, 4, 3]);
    expect([...explanation!.raw.data]).toEqual(inChannel(golden, 0));
  });

  test('input times gradient sums to the score: this net’s biases cancel', async () => {
    const { explanations } = await explain(model, toyPicture, { methods: ['input-x-gradient'] });
    expect(explanations[0]!.raw.data.reduce((a, b) => a + b, 0)).toBe(54);
  });

  test('a BGR model’s map is RGB: what it sees in its first channel is blue', async () => {
    const bgr = await loadModel(filesOf(colourToyModel()), {
      engine,
      inputRange: '0..255',
      fit: 'squash',
      channelOrder: 'bgr',
    });
    const blue = {
      ...toyPicture,
      data: toyPicture.data.map((_, i) => (i % 3 === 2 ? (i - 2) / 3 : 9)),
    };
    const { explanations } = await explain(bgr, blue, { methods: ['gradient'] });
    bgr.dispose();
    expect([...explanations[0]!.raw.data]).toEqual(inChannel(toyInputGradients.plain, 2));
  });

  test('those without a layer come once for each target, with the input’s name', async () => {
    const { explanations } = await explain(model, toyPicture, {
      methods: ['grad-cam', 'gradient', 'guided-grad-cam'],
      layers: ['conv1', 'relu1'],
      targets: [0, 'not:0'],
    });
    const named = explanations.map(({ method, layer }) => `${method} at ${layer}`);
    const once = [
      'grad-cam at conv1',
      'gradient at image',
      'guided-grad-cam at conv1',
      'grad-cam at relu1',
      'guided-grad-cam at relu1',
    ];
    expect(named).toEqual([...once, ...once]);
  });

  test('are shown by the largest magnitude of a pixel, divided by the largest of all', async () => {
    const { explanations, geometry } = await explain(model, toyPicture, {
      methods: ['guided-backprop', 'gradient'],
      targets: [0, 'not:0'],
    });
    // Of the negative score only the second channel's two lower cells are active and positive.
    const row = [1, 2, 2, 1];
    expect([...explanations[2]!.raw.data]).toEqual(inChannel([[0, 0, 0, 0], row, row, row], 0));
    expect(explanations[3]!.diagnostics.negativeShare).toBe(9 / 48);
    const { values } = displayMapOf(explanations[0]!, geometry);
    toyInputGradients.guided.flat().forEach((value, i) => {
      expect(values[i]).toBeCloseTo(value / 3, 6);
    });
  });
});

test('CAM is refused where the tail is another than it presumes', async () => {
  const engine = await createEngine(engineNames[0]!);
  const model = await loadModel(filesOf(plainNet()), { engine });
  const picture = { width: 10, height: 8, channels: 3, data: new Uint8Array(240) } as const;
  await expect(
    explain(model, picture, { methods: ['cam'], layers: ['conv2'] }),
  ).rejects.toMatchObject({
    kind: 'unsupported',
    message: expect.stringContaining("'conv2' is not"),
  });
  model.dispose();
});
