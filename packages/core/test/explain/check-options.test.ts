import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explain } from '../../src/explain/explain.ts';
import { loadModel, type Model } from '../../src/model/model.ts';
import { getColormap } from '../../src/image/colormaps/colormap.ts';
import { createTfjsEngine } from '../../src/engines/tfjs/create-engine.ts';
import { smallNet } from '../readers/beside/small-net.ts';

const image = { width: 8, height: 8, channels: 3, data: new Uint8Array(192) } as const;

let model: Model;

beforeAll(async () => {
  const engine = await createTfjsEngine({ backend: 'cpu' });
  const classNames = { labels: ['cat', 'dog'], wnids: [] };
  model = await loadModel(smallNet(2), { engine, classNames });
});
afterAll(() => model.dispose());

/** As JavaScript passes them, unchecked. */
const loose = explain as (model: Model, image: unknown, options?: unknown) => Promise<unknown>;

describe('what JavaScript lets pass', () => {
  test.each<[string, unknown, string]>([
    ['one target', { target: 'cat' }, "explain: no option 'target'; did you mean targets?"],
    ['one method', { method: 'gradcam' }, "no option 'method'; did you mean methods?"],
    ['nothing near', { zebra: 1 }, "no option 'zebra'; the options are methods, targets, layers"],
    ['a text for a list', { targets: 'cat' }, "targets: expected a list, as ['cat'], got 'cat'"],
    ['a number for a list', { targets: 3 }, 'targets: expected a list, as [3], got 3'],
    ['methods as text', { methods: 'grad-cam' }, "methods: expected a list, as ['grad-cam']"],
    ['layers of numbers', { layers: [3] }, 'layers: expected a list, got a list of 1'],
    ['a target that is a function', { targets: [() => 1] }, 'targets: expected a list'],
    [
      'a preset as list',
      { like: ['captum'] },
      'like: expected the name of a preset, got a list of 1',
    ],
    ['a signal that is none', { signal: true }, 'signal: expected an AbortSignal, got true'],
    ['options as text', 'cat', "explain: expected an object of options, got 'cat'"],
    ['an unknown colormap in them', { colormap: 'jet' }, "no option 'colormap'"],
  ])('%s', async (_, options, message) => {
    await expect(loose(model, image, options)).rejects.toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });

  test.each<[string, unknown, string]>([
    ['a path', 'cat.jpg', "got 'cat.jpg'; read the file with readImage of @gradcam/core/node"],
    ['the bytes of a file', new Uint8Array(4), 'got a Uint8Array; these are the bytes of a file'],
    ['nothing', undefined, 'got undefined'],
    ['pixels without channels', { width: 8, height: 8, data: new Uint8Array(256) }, 'channels: 4'],
  ])('%s is no image', async (_, given, message) => {
    await expect(loose(model, given)).rejects.toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });

  test.each<[string, object, string]>([
    ['no engine', {}, 'engine: expected one, as createTfjsEngine'],
    ['a range of another form', { inputRange: '0-1' }, 'inputRange: expected 0..255, 0..1, -1..1'],
    [
      'names as a list',
      { classNames: ['cat', 'dog'] },
      'as parseLabels gives them, got a list of 2',
    ],
    ['an option that is not there', { labels: 'x' }, "loadModel: no option 'labels'"],
    ['a mean that is one number', { mean: 127 }, 'mean: expected a list of numbers, got 127'],
  ])('loadModel: %s', async (_, options, message) => {
    const engine = await createTfjsEngine({ backend: 'cpu' });
    const given = Object.keys(options).length === 0 ? {} : { engine, ...options };
    const load = loadModel as (source: unknown, options: unknown) => Promise<unknown>;
    await expect(load(smallNet(2), given)).rejects.toThrow(
      expect.objectContaining({ kind: 'argument', message: expect.stringContaining(message) }),
    );
  });

  test('a colormap that there is not', () => {
    expect(() => getColormap('rainbow' as 'jet')).toThrow(
      expect.objectContaining({
        kind: 'argument',
        message: "no colormap 'rainbow'; there is turbo, jet, viridis, inferno, gray",
      }),
    );
  });

  test('tensors are as many as before', async () => {
    const before = tf.memory().numTensors;
    await loose(model, image, { target: 'cat' }).catch(() => undefined);
    expect(tf.memory().numTensors).toBe(before);
  });
});
