import { beforeAll, describe, expect, test } from 'vitest';
import type { Engine, RunRequest } from '../../src/engines/port/engine.ts';
import { displayMapOf, explain } from '../../src/explain/explain.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { colourToyModel, toyPicture, toyScore } from '../golden/toy.ts';
import { array } from '../helper/array.ts';
import { expectClose } from '../helper/closeness.ts';
import { functionalModel, input, layer } from '../helper/keras-model.ts';
import { filesOf } from '../helper/model-files.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createTfjsEngine({ backend: 'cpu' });
});

const asStored = { inputRange: '0..255', fit: 'squash' } as const;

async function withToy(use: (model: Model, requests: RunRequest[]) => Promise<void>) {
  const model = await loadModel(filesOf(colourToyModel()), { engine, ...asStored });
  const requests: RunRequest[] = [];
  const session = {
    ...model.session,
    network: model.network,
    run(request: RunRequest) {
      requests.push(request);
      return model.session.run(request);
    },
    dispose: () => model.session.dispose(),
  };
  try {
    await use({ ...model, session }, requests);
  } finally {
    model.dispose();
  }
}

describe('the toy net, from pixels to map', () => {
  test('Grad-CAM at the layer that auto chooses', () =>
    withToy(async (model) => {
      const { explanations, predictions, geometry } = await explain(model, toyPicture);
      expect(predictions).toEqual([{ index: 0, value: 54, logit: toyScore }]);
      expect(explanations).toHaveLength(1);
      const [explanation] = explanations;
      expect(explanation).toMatchObject({
        method: 'grad-cam',
        layer: 'relu1',
        target: { kind: 'value', index: -1 },
        score: toyScore,
        relu: true,
        peak: { x: 3, y: 3 },
      });
      expect(explanation!.raw).toEqual(
        array([
          [0, 4],
          [28, 32.5],
        ]),
      );
      // Eight gradients of one; two pixels a cell.
      // One number without an activation has no probability.
      expect(explanation!.diagnostics).toEqual({
        gradientNorm: Math.sqrt(8),
        negativeShare: 0,
        cellSize: [2, 2],
      });
      expect(displayMapOf(explanation!, geometry).values[15]).toBe(1);
    }));

  test('methods that read no gradient ask for none, and none is reported', () =>
    withToy(async (model, requests) => {
      const methods = ['eigen-cam', 'random-cam'];
      const { explanations } = await explain(model, toyPicture, { methods });
      expect(requests.map(({ gradient }) => gradient)).toEqual([undefined]);
      expect(explanations.map(({ score }) => score)).toEqual([toyScore, toyScore]);
      for (const { diagnostics } of explanations) {
        expect(diagnostics).not.toHaveProperty('gradientNorm');
      }
      // Beside a method that reads gradients, the map is the same and the norm is known.
      const both = await explain(model, toyPicture, { methods: ['grad-cam', 'eigen-cam'] });
      expect(both.explanations[1]!.raw).toEqual(explanations[0]!.raw);
      expect(both.explanations[1]!.diagnostics.gradientNorm).toBe(Math.sqrt(8));
    }));

  test('several layers and targets come from one run', () =>
    withToy(async (model, requests) => {
      const { explanations } = await explain(model, toyPicture, {
        targets: [0, 'not:0', 'top1'],
        layers: ['conv1', 'relu1'],
      });
      expect(requests).toHaveLength(1);
      expect(explanations.map(({ layer, target, score }) => [layer, target.kind, score])).toEqual([
        ['conv1', 'value', 54],
        ['relu1', 'value', 54],
        ['conv1', 'not', -54],
        ['relu1', 'not', -54],
        ['conv1', 'value', 54],
        ['relu1', 'value', 54],
      ]);
      expect([...explanations[0]!.raw.data]).toEqual([11.25, 13.5, 20.25, 22.5]);
      expect([...explanations[2]!.raw.data]).toEqual([-11.25, -13.5, -20.25, -22.5]);
    }));

  test('a blank map carries its reason', () =>
    withToy(async (model) => {
      const { explanations } = await explain(model, toyPicture, { targets: ['not:0'] });
      expect(explanations[0]!.diagnostics).toMatchObject({
        negativeShare: 0.75,
        blank: expect.stringContaining('speaks against'),
      });
      const black = { ...toyPicture, data: new Uint8Array(48) };
      const dark = await explain(model, black);
      expect(dark.explanations[0]!.diagnostics.blank).toMatch(/all zero/);
      // All activations are zero at conv1's ReLU, so no gradient passes it.
      const before = await explain(model, black, { layers: ['conv1'] });
      expect(before.explanations[0]!.diagnostics.blank).toMatch(/gradient is zero/);
    }));
});

describe('aborting', () => {
  test('before the run: nothing runs, and the reason is thrown', () =>
    withToy(async (model, requests) => {
      const reason = new Error('enough');
      const signal = AbortSignal.abort(reason);
      await expect(explain(model, toyPicture, { signal })).rejects.toBe(reason);
      expect(requests).toHaveLength(0);
    }));

  test('during the run: takes effect after it', () =>
    withToy(async (model) => {
      const controller = new AbortController();
      const running = explain(model, toyPicture, { signal: controller.signal });
      controller.abort();
      await expect(running).rejects.toThrow(/abort/i);
    }));
});

describe('errors', () => {
  test.each([
    [{ methods: ['grad-camm'] }, 'not-found', 'grad-cam'],
    [{ layers: ['relu2'] }, 'not-found', 'relu1'],
    [{ layers: ['flat'] }, 'argument', 'relu1'],
    [{ targets: ['7'] }, 'argument', 'one value, without classes; give value or not:value'],
    [{ targets: ['cat'] }, 'argument', 'one value, without classes'],
    [{ targets: ['region:0'] }, 'argument', 'this output is one value'],
    [{ targets: ['element:1'] }, 'argument', 'element:<index on each axis of [1]>'],
  ])('%j', (options, kind, message) =>
    withToy(async (model, requests) => {
      await expect(explain(model, toyPicture, options)).rejects.toMatchObject({
        kind,
        message: expect.stringContaining(message),
      });
      expect(requests).toHaveLength(0);
    }),
  );

  test('a picture whose data does not fit its size', () =>
    withToy(async (model) => {
      await expect(explain(model, { ...toyPicture, width: 5 })).rejects.toThrow(RangeError);
    }));

  test('weights so large that the scores overflow are an error that names the class', async () => {
    const model = await loadModel(
      filesOf(
        functionalModel([
          input('image', 4, 4, 3),
          layer('ReLU', 'relu'),
          layer('GlobalAveragePooling2D', 'mean'),
          layer(
            'Dense',
            'scores',
            { units: 2, use_bias: false },
            {
              kernel: array([
                [1, 3e38],
                [1, 3e38],
                [1, 3e38],
              ]),
            },
          ),
        ]),
      ),
      { engine, ...asStored },
    );
    await expect(explain(model, toyPicture)).rejects.toMatchObject({
      kind: 'model',
      message: expect.stringContaining('logit of class 1 is Infinity'),
    });
    model.dispose();
  });
});

describe('heads', () => {
  test('one sigmoid is two classes: the likelier one first, each with its own map', async () => {
    const model = await loadModel(
      filesOf(
        functionalModel([
          input('image', 4, 4, 3),
          layer('ReLU', 'relu'),
          layer('GlobalAveragePooling2D', 'mean'),
          layer(
            'Dense',
            'scores',
            { units: 1, activation: 'sigmoid', use_bias: false },
            { kernel: array([[0.2], [-0.01], [0]]) },
          ),
        ]),
      ),
      { engine, ...asStored },
    );
    const { predictions, explanations } = await explain(model, toyPicture, {
      targets: [1, 0, 'not:1', 'top1', 'top2'],
    });
    model.dispose();
    // Means: red 7.5, green 200. 7.5 * .2 - 200 * .01 = -.5
    const positive = 1 / (1 + Math.exp(0.5));
    expect(predictions).toEqual([
      {
        index: 0,
        probability: expect.closeTo(1 - positive, 6),
        logit: expect.closeTo(0.5, 5),
      },
      { index: 1, probability: expect.closeTo(positive, 6), logit: expect.closeTo(-0.5, 5) },
    ]);
    const red = Array.from({ length: 16 }, (_, i) => (i * 0.2 - 2) / 16);
    const [yes, no] = [1, -1].map((sign) => ({
      shape: [4, 4],
      data: Float32Array.from(red, (value) => sign * value),
    }));
    const found = explanations.map(({ target, diagnostics }) => [
      target.kind,
      target.index,
      diagnostics.probability,
    ]);
    const p = expect.closeTo(positive, 6);
    const q = expect.closeTo(1 - positive, 6);
    // top2 is two targets: the likelier class, and then the other.
    expect(found).toEqual([
      ['class', 1, p],
      ['class', 0, q],
      ['not', 1, p],
      ['class', 0, q],
      ['class', 0, q],
      ['class', 1, p],
    ]);
    [yes, no, no, no, no, yes].forEach((map, i) => expectClose(explanations[i]!.raw, map!));
  });
});
