import { beforeAll, describe, expect, test } from 'vitest';
import { displayMapOf, explain } from '../../src/explain/explain.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { presetNames } from '../../src/presets/preset.ts';
import { findPreset } from '../../src/presets/presets.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/index.ts';
import { colourToyModel, toyPicture } from '../golden/toy.ts';
import { filesOf } from '../helper/model-files.ts';

describe('explanations like a peer’s, of the toy net', () => {
  let model: Model;
  beforeAll(async () => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    model = await loadModel(filesOf(colourToyModel()), {
      engine,
      inputRange: '0..255',
      fit: 'squash',
    });
    return () => model.dispose();
  });

  async function explainLike(like: string | undefined, method = 'grad-cam') {
    const options = { methods: [method], ...(like === undefined ? {} : { like }) };
    const { explanations, geometry } = await explain(model, toyPicture, options);
    return { explanation: explanations[0]!, map: displayMapOf(explanations[0]!, geometry) };
  }

  test.each(presetNames)('%s: the raw map stays ours', async (name) => {
    const [method] = Object.keys(findPreset(name).methods) as [string];
    const ours = await explainLike(undefined, method);
    const { explanation } = await explainLike(name, method);
    expect(explanation.raw.data).toEqual(ours.explanation.raw.data);
    expect(explanation.like).toMatchObject({ preset: name, method });
    expect(ours.explanation.like).toBeUndefined();
  });

  // Golden raw map: 0 4; 28 32.5. captum's colours: of 4 (0 + 4 + 28 + 32.5) = 258 the last of 32.5
  // reaches 98 %.
  test.each([
    ['pytorch-grad-cam', [0, 0.0308, 0.0923, 0.1231]],
    ['tf-keras-vis', [0, 0.041, 0.0821, 0.1231]],
    ['captum', [0, 0, 0.1231, 0.1231]],
    ['tfjs-examples', [0, 0.0615, 0.1231, 0.1231]],
  ])('%s: the displayed map is the golden', async (name, golden) => {
    const { map } = await explainLike(name);
    golden.forEach((value, i) => expect(map.values[i]).toBeCloseTo(value, 4));
  });

  // Seen through the channels the toy scores 18.433 and 5.2 with corners aligned, 20.2 and 6.1 without.
  test.each([
    ['pytorch-grad-cam', [0, 3.999993, 30.999955, 39.999955]],
    ['torchcam', [0, 3.999997, 30.999981, 39.999981]],
  ])('%s: the raw map of its Score-CAM is the golden', async (name, golden) => {
    const { explanation } = await explainLike(name, 'score-cam');
    const { shape, data } = explanation.like!.raw;
    expect(shape).toEqual([2, 2]);
    // Six decimals, and the rounding of scores of 20 in the exponent of a weight of 2e-6.
    golden.forEach((value, i) => expect(Math.abs(data[i]! - value)).toBeLessThan(5e-6));
  });

  test('a method whose sign the peer leaves open says so', async () => {
    const explainEigen = (like: 'pytorch-grad-cam' | undefined) =>
      explain(model, toyPicture, { methods: ['eigen-cam'], ...(like && { like }) });
    const { notes = [] } = await explainEigen('pytorch-grad-cam');
    expect(notes.join()).toMatch(/eigen-cam like pytorch-grad-cam: .*may be the negative/);
    expect((await explainEigen(undefined)).notes).toBeUndefined();
  });

  test('a method that the peer does not offer is refused before anything runs', async () => {
    await expect(explainLike('tfjs-examples', 'layer-cam')).rejects.toMatchObject({
      kind: 'unsupported',
    });
    await expect(explainLike('nobody')).rejects.toMatchObject({ kind: 'not-found' });
  });
});
