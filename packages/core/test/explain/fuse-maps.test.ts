import { beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { Engine } from '../../src/engines/port/engine.ts';
import { explain } from '../../src/explain/explain.ts';
import { fuseMaps } from '../../src/explain/fuse-maps.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { colourToyModel, toyMapsAtConv1, toyMapsAtRelu1, toyPicture } from '../golden/toy.ts';
import { array } from '../helper/array.ts';
import { createEngine } from '../helper/engines.ts';
import { filesOf } from '../helper/model-files.ts';
import { createRandom, randomArray } from '../helper/random.ts';
import { residualNet } from '../helper/small-nets.ts';

describe('fusing maps: max of tanh(2 m / max m), equation 9 by hand', () => {
  test('of one size', () => {
    const fused = fuseMaps([array([[4, -1, 2]]), array([[0, 30, 15]])]);
    expect(fused.shape).toEqual([1, 3]);
    [Math.tanh(2), Math.tanh(2), Math.tanh(1)].forEach((value, i) =>
      expect(fused.data[i]).toBeCloseTo(value, 6),
    );
  });

  test('of two sizes: the coarse one half-pixel to the finest rows and columns', () => {
    const coarse = array([[0, 8]]);
    const fine = array([[0], [0], [0], [1]]);
    const top = Math.tanh(2);
    // 2 columns and 4 rows: the coarse row everywhere, the fine column's last row.
    expect([...fuseMaps([coarse, fine]).data]).toEqual(
      [0, top, 0, top, 0, top, top, top].map(Math.fround),
    );
    const wide = array([[0, 0, 0, 0]]);
    expect([...fuseMaps([coarse, wide]).data]).toEqual(
      [0, 0.25 * top, 0.75 * top, top].map((value) => expect.closeTo(value, 6) as number),
    );
  });

  test('nothing positive gives nothing, and any scale gives the same', () => {
    expect([...fuseMaps([array([[-1, 0]]), array([[-3, -2]])]).data]).toEqual([0, 0]);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: -20, max: 20 }), (seed, power) => {
        const random = createRandom(seed);
        const [a, b] = [randomArray(random, [3, 2]), randomArray(random, [2, 4])];
        const scaled = { ...b, data: b.data.map((value) => value * 2 ** power) };
        expect(fuseMaps([a, scaled])).toEqual(fuseMaps([a, b]));
        expect(fuseMaps([b, a])).toEqual(fuseMaps([a, b]));
      }),
    );
  });
});

describe('in explain', () => {
  let engine: Engine;
  let model: Model;
  beforeAll(async () => {
    engine = await createEngine('cpu');
    model = await loadModel(filesOf(colourToyModel()), {
      engine,
      inputRange: '0..255',
      fit: 'squash',
    });
    return () => model.dispose();
  });

  test.each(['grad-cam', 'layer-cam', 'xgrad-cam', 'eigen-cam'])('%s', async (method) => {
    const { explanations } = await explain(model, toyPicture, {
      methods: [method],
      layers: ['conv1+auto', 'relu1'],
    });
    expect(explanations.map(({ layer }) => layer)).toEqual(['conv1+relu1', 'relu1']);
    const maps = [toyMapsAtConv1[method]!, toyMapsAtRelu1[method]!].map(array);
    const golden = fuseMaps(maps);
    const [{ raw, diagnostics }] = explanations as [(typeof explanations)[0]];
    expect(raw.shape).toEqual([2, 2]);
    raw.data.forEach((value, i) => expect(value).toBeCloseTo(golden.data[i]!, 5));
    // The share of the layers' own cells, before their negative parts were cut.
    const negative = maps.flatMap(({ data }) => [...data]).filter((value) => value < 0);
    expect(diagnostics.negativeShare).toBe(negative.length / 8);
    expect(diagnostics.cellSize).toEqual([2, 2]);
  });

  test('every method that has a layer gives a fused map at the finest grid', async () => {
    const residual = await loadModel(filesOf(residualNet()), { engine });
    const { explanations } = await explain(residual, toyPicture, {
      methods: ['grad-cam', 'score-cam', 'ablation-cam', 'smooth-grad-cam++', 'finer-cam'],
      layers: ['relu1+last'],
      runs: 2,
    });
    residual.dispose();
    for (const { raw, layer } of explanations) {
      expect([layer, ...raw.shape]).toEqual(['relu1+last', 5, 4]);
      expect(raw.data.every((value) => value >= 0 && value <= Math.fround(Math.tanh(2)))).toBe(
        true,
      );
    }
  });

  test('without anything positive it is blank with a reason', async () => {
    const { explanations } = await explain(model, toyPicture, {
      targets: ['not:0'],
      layers: ['conv1+relu1'],
    });
    expect([...explanations[0]!.raw.data]).toEqual([0, 0, 0, 0]);
    expect(explanations[0]!.diagnostics.blank).toMatch(/speaks against/);
  });

  test.each([
    [{ layers: ['conv1+conv1'] }, 'argument', 'twice'],
    [{ layers: ['conv1+relu9'] }, 'not-found', 'relu1'],
    [{ layers: ['conv1+'] }, 'not-found', ''],
    [{ layers: ['conv1+relu1'], methods: ['guided-grad-cam'] }, 'unsupported', 'one layer'],
    [{ layers: ['conv1+relu1'], like: 'torchcam' }, 'unsupported', 'one layer'],
  ])('%j is an error', async (options, kind, message) => {
    await expect(explain(model, toyPicture, options)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(message),
    });
  });
});
